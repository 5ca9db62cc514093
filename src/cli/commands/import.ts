// `tastemaker import`: brings listening histories in from files of other services.
import { type ImportResult, importFile } from '../../jobs/import.ts'
import type { Command } from '../command.ts'
import { findSources, readingOptions, readOptionsOf } from '../import-sources.ts'
import { withContext } from '../with-context.ts'

/** Imports a file, or all files of a folder that some importer knows. */
export const importCommand: Command = {
  name: 'import',
  summary:
    'Bring in histories: ListenBrainz, Spotify, Last.fm, Jellyfin, Gorse, Metarank, CSV, Parquet, our own.',
  positionals: [{ name: 'PATH', description: 'a file, or a folder of files.', required: true }],
  options: {
    ...readingOptions,
    replay: { type: 'boolean', description: 'Lay play counts out as timed listens.' },
  },
  async run(invocation) {
    const { options, terminal } = invocation
    const reading = await readOptionsOf(invocation)
    const { sources, leftAlone } = await findSources(invocation.words[0]!, reading)
    const results: ImportResult[] = []
    await withContext(
      invocation,
      async (context) => {
        for (const source of sources)
          results.push(await importFile(context, source, { ...reading, replay: options.replay === true }))
      },
      { exclusive: true },
    )
    if (leftAlone.length > 0) terminal.note(`left alone: ${leftAlone.join(', ')}\n`)
    terminal.out(options.json === true ? `${JSON.stringify(results)}\n` : results.map(lineOf).join(''))
  },
}

function lineOf(result: ImportResult): string {
  const number = (value: number) => value.toLocaleString('en')
  const reasons = Object.entries(result.byReason).map(([reason, count]) => `${number(count)} ${reason}`)
  const rejected = reasons.length > 0 ? ` (${reasons.join(', ')})` : ''
  const besides = [
    result.metadata > 0 ? `; ${number(result.metadata)} lines of names` : '',
    result.otherFiles > 0 ? `; ${number(result.otherFiles)} other files left alone` : '',
  ]
  return `${result.file}: ${result.format}, ${number(result.records)} records = ${number(result.events)} events + ${number(result.rejects)} rejects${rejected}${besides.join('')}\n`
}
