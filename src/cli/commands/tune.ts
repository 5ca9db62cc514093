// `tastemaker tune`: searches every model's settings, ranks the models, and writes the settings that won.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { TastemakerError } from '../../errors.ts'
import { readTrainingData, requireFeatures } from '../../jobs/training-data.ts'
import { type TuneOptions, tune } from '../../jobs/tune.ts'
import type { Tuning } from '../../jobs/tune-report.ts'
import type { Command, Invocation } from '../command.ts'
import { tuningTable } from '../tuning-table.ts'
import { withContext } from '../with-context.ts'

/** Tunes on the newest features. */
export const tuneCommand: Command = {
  name: 'tune',
  summary: 'Search the best model and its settings on listening that no evaluation tests on.',
  positionals: [],
  options: {
    models: { type: 'string', hint: 'NAMES', description: 'Only these models: --models als,rp3beta.' },
    budget: {
      type: 'string',
      hint: 'N | Nm',
      description: 'At most N trials, or about N minutes (30m).',
    },
    seed: { type: 'string', hint: 'N', description: 'Another draw of candidates and listeners.' },
    fresh: { type: 'boolean', description: 'Measure all again instead of going on with kept trials.' },
    apply: {
      type: 'boolean',
      description: 'Write what won into the settings file: --config, else tastemaker.json.',
    },
    trials: { type: 'boolean', description: 'Show every trial, too.' },
  },
  async run(invocation) {
    const { terminal, options } = invocation
    const asked = readOptions(invocation)
    const tuning = await untilInterrupted((signal) =>
      withContext(
        invocation,
        async (context) => {
          const data = await readTrainingData(context, await requireFeatures(context))
          return tune(context, data, { ...asked, signal })
        },
        { exclusive: true },
      ),
    )
    if (options.json === true) terminal.out(`${JSON.stringify(tuning)}\n`)
    else terminal.out(tuningTable(tuning, terminal, { trials: options.trials === true }))
    const advice = await settle(invocation, tuning)
    if (options.json !== true) terminal.out(advice)
  },
}

/** The first Ctrl-C asks the work to stop; a second one ends the process at once, as ever. */
async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const onSignal = () => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  try {
    return await work(stop.signal)
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

function readOptions({ options }: Invocation): TuneOptions {
  const { models, seed } = options
  const names = models === undefined ? undefined : String(models).split(',').filter(Boolean)
  if (names?.length === 0)
    throw new TastemakerError('bad-argument', '--models takes names with commas between; it is empty.')
  return {
    ...(names && { models: names }),
    ...(seed !== undefined && { seed: wholeNumber('--seed', String(seed), { low: 0, high: 2 ** 31 - 1 }) }),
    ...budgetOf(options.budget),
    fresh: options.fresh === true,
  }
}

/** `200` trials or `30m` minutes. */
function budgetOf(budget: unknown): Pick<TuneOptions, 'trials' | 'minutes'> {
  if (budget === undefined) return {}
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(m?)$/.exec(String(budget)) ?? []
  if (amount === undefined || Number(amount) === 0)
    throw new TastemakerError(
      'bad-argument',
      `--budget takes a number of trials (200) or minutes (30m); it is ${String(budget)}.`,
    )
  return unit === 'm'
    ? { minutes: Number(amount) }
    : { trials: wholeNumber('--budget', amount, { low: 1, high: 1_000_000 }) }
}

function wholeNumber(
  name: string,
  text: string,
  { low, high }: { readonly low: number; readonly high: number },
): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= low && value <= high) return value
  throw new TastemakerError(
    'bad-argument',
    `${name} takes a whole number from ${low} to ${high}; it is ${text}.`,
  )
}

/** Says how the settings are put to use, or puts them to use. */
async function settle({ options }: Invocation, { settings }: Tuning): Promise<string> {
  const path = typeof options.config === 'string' ? options.config : 'tastemaker.json'
  if (Object.keys(settings.models).length === 0)
    return 'The present settings stay: nothing better was found.\n'
  if (options.apply !== true)
    return `\nSettings that won, for ${path}; --apply writes them there:\n${JSON.stringify(settings, null, 2)}\n`
  await writeSettings(path, settings)
  return `\nWritten to ${path}: the next \`tastemaker run\` trains with these settings.\n`
}

/** Lays the settings over those in the file, whole or not at all; everything else in it stays. */
async function writeSettings(path: string, settings: Tuning['settings']): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const file = JSON.parse(text) as { models?: Record<string, object | string> }
  const models = { ...file.models }
  for (const [name, value] of Object.entries(settings.models))
    models[name] = typeof value === 'string' ? value : { ...(models[name] as object | undefined), ...value }
  const draft = `${path}.${process.pid}.new`
  await writeFile(draft, `${JSON.stringify({ ...file, models }, null, 2)}\n`)
  await rename(draft, path)
}
