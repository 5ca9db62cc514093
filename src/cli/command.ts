// What a command is: a value with its arguments declared, found by name, parsed strictly, loaded when called.
import { parseArgs } from 'node:util'
import { TastemakerError } from '../errors.ts'
import type { Terminal } from './terminal.ts'

/** An option of a command, `--name VALUE` or `--name`. */
export type Option = {
  readonly type: 'string' | 'boolean'
  readonly description: string
  /** What stands for the value in the help text. */
  readonly hint?: string
  readonly multiple?: boolean
}

/** A word that follows the command. */
export type Positional = {
  readonly name: string
  readonly description: string
  readonly required: boolean
  /** The last one may come many times. */
  readonly many?: boolean
}

/** What a command gets to work with. */
export type Invocation = {
  readonly words: readonly string[]
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  readonly terminal: Terminal
}

/** One command of the command line. */
export type Command = {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  readonly positionals: readonly Positional[]
  readonly options: Readonly<Record<string, Option>>
  readonly run: (invocation: Invocation) => Promise<void>
}

/** Options that every command understands. */
export const commonOptions: Readonly<Record<string, Option>> = {
  data: { type: 'string', hint: 'DIR', description: 'Data folder (default ./data, or TASTEMAKER_DATA).' },
  config: {
    type: 'string',
    hint: 'FILE',
    description: 'Settings file, JSON (default tastemaker.json, if there is one).',
  },
  set: {
    type: 'string',
    hint: 'NAME=VALUE',
    multiple: true,
    description: 'Any setting: --set models.als.factors=128. May come many times.',
  },
  json: { type: 'boolean', description: 'Print one JSON document for machines.' },
  quiet: { type: 'boolean', description: 'No progress.' },
  help: { type: 'boolean', description: 'This text.' },
}

/** Parses what follows the command's name. Throws `bad-argument` for unknown options and missing or surplus words. */
export function parseInvocation(command: Command, rest: readonly string[], terminal: Terminal): Invocation {
  const known = { ...commonOptions, ...command.options }
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { type, multiple }]) => [name, { type, multiple: multiple ?? false }]),
  )
  const parsed = strictly(() => parseArgs({ args: [...rest], options, allowPositionals: true, strict: true }))
  const words = parsed.positionals
  const asked = command.positionals.filter((positional) => positional.required)
  if (parsed.values.help !== true && words.length < asked.length)
    throw new TastemakerError(
      'bad-argument',
      `tastemaker ${command.name} needs ${asked[words.length]?.name}: ${asked[words.length]?.description}`,
    )
  if (words.length > command.positionals.length && command.positionals.at(-1)?.many !== true)
    throw new TastemakerError(
      'bad-argument',
      `tastemaker ${command.name} does not know what to do with "${words.at(-1)}".`,
    )
  return { words, options: parsed.values as Invocation['options'], terminal }
}

function strictly<T>(parse: () => T): T {
  try {
    return parse()
  } catch (cause) {
    throw new TastemakerError('bad-argument', (cause as Error).message.split('. To specify')[0] ?? '', {
      cause,
    })
  }
}

/** The help text of one command. */
export function helpOf(command: Command): string {
  const words = command.positionals.map(
    ({ name, required, many }) => `${required ? name : `[${name}]`}${many ? '...' : ''}`,
  )
  const lines = [
    command.summary,
    '',
    `  tastemaker ${[command.name, ...words, '[options]'].join(' ')}`,
    '',
    ...command.positionals.map(({ name, description }) => row(name, description)),
    ...Object.entries({ ...command.options, ...commonOptions }).map(([name, option]) =>
      row(`--${name}${option.hint === undefined ? '' : ` ${option.hint}`}`, option.description),
    ),
  ]
  return `${lines.join('\n')}\n`
}

const row = (left: string, right: string): string => `  ${left.padEnd(20)} ${right}`
