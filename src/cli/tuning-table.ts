// A tuning as a table: a row a model, best first, with what its settings gained and what they are.
import { notesOf, settingsText, type TrialLine, type TunedFamily, type Tuning } from '../jobs/tune-report.ts'
import type { Terminal } from './terminal.ts'

const modelWidth = 20
const numberWidth = 9

/** The table of models, the trials where asked for, and the notes; no line is wider than the terminal. */
export function tuningTable(
  tuning: Tuning,
  terminal: Terminal,
  { trials = false }: { readonly trials?: boolean } = {},
): string {
  const columns = terminal.tableColumns
  const { searched, checked } = tuning.listeners
  const count = (value: number) => value.toLocaleString('en')
  const caption = `Tuned on the validation part of the ${tuning.split} split, NDCG@${tuning.k}: ${count(searched)} listeners to search, ${count(checked)} others to check`
  const paragraphs = [
    ...wrapped(caption, columns).map((line) => terminal.style('bold', line)),
    terminal.style('dim', headOf(columns)),
    ...tuning.families.flatMap((family) => familyRows(family, terminal)),
    '',
    ...(trials ? trialRows(tuning, terminal) : []),
    ...notesOf(tuning).flatMap((note) => wrapped(note, columns).map((line) => terminal.style('dim', line))),
  ]
  return `${paragraphs.join('\n')}\n`
}

const isWide = (columns: number): boolean => columns >= 2 + modelWidth + 4 * numberWidth + 21
const isNarrow = (columns: number): boolean => columns < 2 + modelWidth + 4 * numberWidth

/** `present` and `tuned` on the listeners searched on, `check` and `gain` on the others. */
function headOf(columns: number): string {
  const names = isNarrow(columns) ? ['tuned', 'gain'] : ['present', 'tuned', 'check', 'gain']
  const head = names.map((name) => name.padStart(numberWidth)).join('')
  return `  ${'model'.padEnd(modelWidth)}${head}${isWide(columns) ? '  95% of the gain' : ''}`
}

function familyRows(family: TunedFamily, terminal: Terminal): readonly string[] {
  const { model, present, searched, checked, gain, changed } = family
  const columns = terminal.tableColumns
  const all = [present.toFixed(4), searched.toFixed(4), checked?.value.toFixed(4) ?? '-', gainText(family)]
  const cells = isNarrow(columns) ? [all[1]!, all[3]!] : all
  const range = isWide(columns) && gain && changed ? `  ${signed(gain.low)} to ${signed(gain.high)}` : ''
  const row = `  ${model.padEnd(modelWidth)}${cells.map((cell) => cell.padStart(numberWidth)).join('')}${range}`
  if (!changed) return [row]
  const settings = wrapped(settingsText(family.settings), columns - 4)
  return [row, ...settings.map((line) => terminal.style('dim', `    ${line}`))]
}

const gainText = ({ gain, changed }: TunedFamily): string => {
  if (!changed) return '='
  return gain ? signed(gain.difference) : '-'
}

const signed = (value: number): string => `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`

function trialRows({ trials, k }: Tuning, terminal: Terminal): readonly string[] {
  const columns = terminal.tableColumns
  const head = `  ${'trial'.padEnd(modelWidth)}${'resource'.padStart(numberWidth)}${'listeners'.padStart(numberWidth + 1)}${`ndcg@${k}`.padStart(numberWidth)}${'seconds'.padStart(numberWidth)}`
  return [terminal.style('dim', head), ...trials.flatMap((trial) => trialLines(trial, terminal, columns)), '']
}

function trialLines(trial: TrialLine, terminal: Terminal, columns: number): readonly string[] {
  const { model, settings, resource, listeners, ndcg, seconds } = trial
  const cells = [
    `${(100 * resource).toFixed(0)}%`.padStart(numberWidth),
    listeners.toLocaleString('en').padStart(numberWidth + 1),
    ndcg.toFixed(4).padStart(numberWidth),
    seconds.toFixed(1).padStart(numberWidth),
  ]
  const words = wrapped(settingsText(settings), columns - 4).filter((line) => line !== '')
  return [
    `  ${model.padEnd(modelWidth)}${cells.join('')}`,
    ...words.map((line) => terminal.style('dim', `    ${line}`)),
  ]
}

/** A sentence broken at spaces into lines of at most `columns`; a longer word has a line to itself. */
function wrapped(text: string, columns: number): readonly string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}
