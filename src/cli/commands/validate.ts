// `tastemaker validate`: the dry run of an import; nothing is written.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../engine/engine.ts'
import { createScratch } from '../../engine/files.ts'
import { openEngine, processorCount } from '../../engine/open.ts'
import { TastemakerError } from '../../errors.ts'
import { type ValidationReport, validateFile } from '../../jobs/validate.ts'
import type { Command, Invocation } from '../command.ts'
import { findSources, readingOptions, readOptionsOf } from '../import-sources.ts'
import { createProgressView, silentView } from '../progress.ts'
import { settingsOf } from '../settings.ts'
import { validationText } from '../validation-text.ts'

const examplesByDefault = 3
const mostExamples = 1000

/** Says what an import of files would do. Ends with 1 when nothing would be accepted. */
export const validateCommand: Command = {
  name: 'validate',
  summary: 'Say what an import would accept and reject, and why; nothing is written.',
  positionals: [{ name: 'PATH', description: 'files, or folders of files.', required: true, many: true }],
  options: {
    ...readingOptions,
    examples: { type: 'string', hint: 'N', description: 'Rejects shown of each reason (default 3).' },
  },
  async run(invocation) {
    const { options, terminal, words } = invocation
    const examples = examplesOf(options.examples as string | undefined)
    const reading = await readOptionsOf(invocation)
    const found = await Promise.all(words.map((path) => findSources(path, reading)))
    const reports = await validateAll(
      invocation,
      found.flatMap(({ sources }) => sources),
      { ...reading, examples },
    )
    const leftAlone = found.flatMap((one) => one.leftAlone)
    if (leftAlone.length > 0) terminal.note(`left alone: ${leftAlone.join(', ')}\n`)
    terminal.out(
      options.json === true
        ? `${JSON.stringify(reports)}\n`
        : reports.map((report) => validationText(report, terminal)).join('\n'),
    )
    if (reports.every(({ events }) => events === 0))
      throw new TastemakerError('bad-input', 'Nothing would be accepted.')
  },
}

function examplesOf(given: string | undefined): number {
  const examples = given === undefined ? examplesByDefault : Number(given)
  if (Number.isSafeInteger(examples) && examples >= 0 && examples <= mostExamples) return examples
  throw new TastemakerError(
    'bad-argument',
    `--examples takes a number from 0 to ${mostExamples}; it is "${given}".`,
  )
}

type Sources = Awaited<ReturnType<typeof findSources>>['sources']

/** Nothing lies in the data folder: the engine, which only Parquet needs, gets a folder of the system's. */
async function validateAll(
  invocation: Invocation,
  sources: Sources,
  options: Parameters<typeof validateFile>[1],
): Promise<readonly ValidationReport[]> {
  const settings = await settingsOf(invocation)
  const view =
    invocation.options.quiet === true ? silentView : createProgressView(invocation.terminal, Date.now)
  const scratch = await createScratch(join(tmpdir(), 'tastemaker-validate'))
  let engine: Promise<Engine> | undefined
  const openOnce = () => {
    engine ??= openEngine({ threads: settings.threads || processorCount(), tempDir: scratch.dir })
    return engine
  }
  try {
    const reports: ValidationReport[] = []
    for (const source of sources) {
      const onShare = (share: number) => view.progress('validate', 0.99 * share, source.fileName)
      const context = { settings: settings.ingest, now: Date.now(), engine: openOnce, scratch, onShare }
      reports.push(await validateFile(source, options, context))
    }
    view.progress('validate', 1, `${sources.length} file${sources.length === 1 ? '' : 's'}`)
    return reports
  } finally {
    view.finish()
    await (await engine)?.close()
    await scratch.close()
  }
}
