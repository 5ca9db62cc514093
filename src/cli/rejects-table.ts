// Rejects as tables for a person: by reason, by file, examples; and what a retry did.
import type { RejectCount, RejectExample, RejectsFound, RetryOutcome } from '../jobs/rejects.ts'
import type { Terminal } from './terminal.ts'

/** Files named before the rest is summed up. */
const filesShown = 10
const reasonWidth = 14
const countWidth = 12

/** Counts by reason and by file, then the examples; no line is wider than the terminal. */
export function rejectsTable(found: RejectsFound, terminal: Terminal): string {
  if (found.total === 0) return 'No rejects.\n'
  const lines = [
    terminal.style('bold', `${count(found.total)} rejects`),
    '',
    terminal.style('dim', `  ${'reason'.padEnd(reasonWidth)}${'rejects'.padStart(countWidth)}   share`),
    ...found.byReason.map(
      ({ name, rejects }) =>
        `  ${name.padEnd(reasonWidth)}${count(rejects).padStart(countWidth)}${share(rejects, found.total).padStart(8)}`,
    ),
    '',
    terminal.style('dim', `  ${'rejects'.padStart(countWidth)}  file`),
    ...fileLines(found.byFile, terminal),
    ...found.examples.flatMap((example) => exampleLines(example, terminal)),
  ]
  return `${lines.join('\n')}\n`
}

/** What became of the lines that were read again, and which could not be. */
export function retryTable(outcome: RetryOutcome, terminal: Terminal): string {
  const { read, clean, corrections, duplicates, stillRejected, hindered } = outcome
  const rows: readonly (readonly [string, number])[] = [
    ['landed', clean],
    ['corrections', corrections],
    ['duplicates', duplicates],
    ['still rejects', stillRejected],
  ]
  const because = new Map<string, number>()
  for (const { why, rejects } of hindered) because.set(why, (because.get(why) ?? 0) + rejects)
  const lines = [
    terminal.style('bold', `${count(read)} lines read again`),
    ...(read === 0
      ? []
      : rows.map(([name, number]) => `  ${name.padEnd(reasonWidth)}${count(number).padStart(countWidth)}`)),
    ...[...because].map(([why, rejects]) => cut(`  ${count(rejects)} not read: ${why}`, terminal)),
    ...(clean + corrections > 0 ? ['The next `tastemaker run` takes them in.'] : []),
  ]
  return `${lines.join('\n')}\n`
}

function fileLines(byFile: readonly RejectCount[], terminal: Terminal): readonly string[] {
  const rest = byFile.slice(filesShown)
  const sum = rest.reduce((total, { rejects }) => total + rejects, 0)
  const line = (rejects: number, name: string) =>
    cut(`  ${count(rejects).padStart(countWidth)}  ${name}`, terminal)
  return [
    ...byFile.slice(0, filesShown).map(({ name, rejects }) => line(rejects, name)),
    ...(rest.length > 0 ? [line(sum, `${count(rest.length)} more files`)] : []),
  ]
}

function exampleLines(
  { file, line, reason, detail, text }: RejectExample,
  terminal: Terminal,
): readonly string[] {
  return [
    '',
    cut(`  ${file}:${line}`, terminal),
    cut(`    ${reason}: ${detail}`, terminal),
    terminal.style('dim', cut(`    ${text}`, terminal)),
  ]
}

const count = (value: number): string => value.toLocaleString('en')

const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)}%`

/** One line, no wider than the terminal; control characters, which could move the cursor, are shown as spaces. */
function cut(text: string, { tableColumns }: Terminal): string {
  const characters = [...text.replaceAll(/\p{Cc}/gu, ' ')]
  return characters.length <= tableColumns
    ? characters.join('')
    : `${characters.slice(0, tableColumns - 1).join('')}…`
}
