// The report of a dry run for people: counts first, then why records would be rejected with examples, then what becomes of personal data.
import type { Reject } from '../data/reject.ts'
import type { Distinct, ValidationReport } from '../jobs/validate.ts'
import type { Terminal } from './terminal.ts'

const widest = 110
const labelWidth = 12

/** One file's report, no line wider than the terminal or 110 columns. */
export function validationText(report: ValidationReport, terminal: Terminal): string {
  const columns = Math.min(widest, terminal.tableColumns)
  const lines = [
    `${terminal.style('bold', report.file)}  ${terminal.style('dim', report.title)}`,
    '',
    ...factsOf(report, columns),
    ...rejectsOf(report, { terminal, columns }),
    ...personalOf(report, terminal),
  ]
  return `${lines.join('\n')}\n`
}

function factsOf(report: ValidationReport, columns: number): readonly string[] {
  const kinds = Object.entries(report.kinds)
    .sort((a, b) => b[1] - a[1])
    .map(([kind, count]) => `${number(count)} ${kind}`)
  const rows: (readonly [string, string] | false)[] = [
    [
      'accepted',
      `${number(report.events)} of ${number(report.records)} records${kinds.length > 0 ? `: ${kinds.join(', ')}` : ''}`,
    ],
    [
      'rejected',
      report.rejects > 0 ? `${number(report.rejects)} (${percent(report.rejects / report.records)})` : 'none',
    ],
    report.duplicates.count > 0 && [
      'duplicates',
      `${number(report.duplicates.count)} of the accepted came before in this file and would count once`,
    ],
    report.duplicates.over && ['duplicates', 'too many events to look for them here; the import drops them'],
    report.firstAt !== null && [
      'time',
      `${dayOf(report.firstAt)} to ${dayOf(report.lastAt ?? report.firstAt)} (UTC)`,
    ],
    report.events > 0 && ['listeners', distinct(report.listeners)],
    report.events > 0 && ['artists', distinct(report.artists)],
    report.metadata > 0 && [
      'names',
      `${number(report.metadata)} lines say what items and listeners are called; they are no records`,
    ],
    report.otherFiles > 0 && [
      'other files',
      `${number(report.otherFiles)} of the archive hold no history and are left alone`,
    ],
  ]
  return rows.flatMap((row) => (row ? labelled(row[0], row[1], columns) : []))
}

/** A label and its text, the text wrapped below itself. */
function labelled(label: string, text: string, columns: number): readonly string[] {
  const [first = '', ...rest] = wrapped(text, columns - labelWidth - 4)
  const indent = ' '.repeat(labelWidth + 4)
  return [`  ${label.padEnd(labelWidth)}  ${first}`, ...rest.map((line) => `${indent}${line}`)]
}

type View = { readonly terminal: Terminal; readonly columns: number }

function rejectsOf(report: ValidationReport, { terminal, columns }: View): readonly string[] {
  const reasons = Object.entries(report.byReason).sort((a, b) => b[1] - a[1])
  if (reasons.length === 0) return []
  const width = Math.max(...reasons.map(([, count]) => number(count).length))
  const blocks = reasons.flatMap(([reason, count]) => [
    `  ${number(count).padStart(width)}  ${terminal.style('bold', reason)}`,
    ...report.examples
      .filter((example) => example.reason === reason)
      .flatMap((example) => exampleOf(example, { terminal, columns })),
  ])
  return ['', terminal.style('bold', 'Would be rejected'), ...blocks]
}

/** Where it stands and what is wrong, and below it the beginning of the text as it would be kept. */
function exampleOf(example: Reject, { terminal, columns }: View): readonly string[] {
  const indent = '      '
  const place = wrapped(`${placeOf(example)}  ${example.detail}`, columns - indent.length)
  const text = example.text.replaceAll(/\s+/g, ' ').trim()
  const room = columns - indent.length - 2
  const shown = text.length > room ? `${text.slice(0, room - 1)}…` : text
  return [
    ...place.map((line, at) => `${indent}${at === 0 ? '' : '  '}${line}`),
    ...(shown === '' ? [] : [`${indent}  ${terminal.style('dim', shown)}`]),
  ]
}

const placeOf = ({ file, line }: Reject): string => `${file.split('/').at(-1)}:${line}`

function personalOf(report: ValidationReport, terminal: Terminal): readonly string[] {
  if (report.personal.length === 0) return ['', 'No column that is read is personal.']
  const width = Math.max(...report.personal.map(({ field }) => field.length))
  return [
    '',
    terminal.style('bold', 'Personal data'),
    ...report.personal.map(
      ({ field, becomes }) =>
        `  ${field.padEnd(width)}  ${becomes === 'pseudonym' ? 'the listener: a keyed pseudonym from ingest on' : 'never read'}`,
    ),
  ]
}

/** Breaks a text at spaces so that no line is longer than `columns`, but for words that are. */
function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const number = (value: number): string => value.toLocaleString('en')

const distinct = ({ count, over }: Distinct): string => `${over ? 'over ' : ''}${number(count)}`

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

function percent(share: number): string {
  if (share > 0 && share < 0.0001) return 'under 0.01%'
  return `${(100 * share).toFixed(share < 0.01 ? 2 : 1)}% of all`
}
