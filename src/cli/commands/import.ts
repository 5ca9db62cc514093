// `tastemaker import`: brings listening histories in from files of other services.
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { TastemakerError } from '../../errors.ts'
import { type ImportOptions, type ImportResult, type ImportSource, importFile } from '../../jobs/import.ts'
import type { Command } from '../command.ts'
import { withContext } from '../with-context.ts'

/** Imports a file, or all files of a folder that some importer knows. */
export const importCommand: Command = {
  name: 'import',
  summary: 'Bring in events: our own NDJSON, ListenBrainz, Spotify, Last.fm 1K, HetRec Last.fm.',
  positionals: [{ name: 'PATH', description: 'a file, or a folder of files.', required: true }],
  options: {
    format: {
      type: 'string',
      hint: 'NAME',
      description: 'tastemaker, listenbrainz, spotify, lastfm-1k or hetrec; else it is found out.',
    },
    user: { type: 'string', hint: 'ID', description: 'Whose history it is, for exports that do not say.' },
    replay: { type: 'boolean', description: 'Lay play counts out as timed listens.' },
  },
  async run(invocation) {
    const { options, terminal } = invocation
    const sources = await findSources(invocation.words[0]!)
    const importOptions: ImportOptions = {
      replay: options.replay === true,
      ...(options.format !== undefined && { format: options.format as string }),
      ...(options.user !== undefined && { user: options.user as string }),
    }
    const results: ImportResult[] = []
    await withContext(
      invocation,
      async (context) => {
        for (const source of sources) results.push(await importFile(context, source, importOptions))
      },
      { exclusive: true },
    )
    terminal.out(options.json === true ? `${JSON.stringify(results)}\n` : results.map(lineOf).join(''))
  },
}

function lineOf(result: ImportResult): string {
  const reasons = Object.entries(result.byReason).map(([reason, count]) => `${count} ${reason}`)
  const rejected = reasons.length > 0 ? ` (${reasons.join(', ')})` : ''
  return `${result.file}: ${result.format}, ${result.records} records = ${result.events} events + ${result.rejects} rejects${rejected}\n`
}

/** Files of known names in a folder; of HetRec's folder, the play counts alone. */
const importable =
  /^(user_artists\.dat|userid-timestamp.*\.tsv|events.*\.tsv|(Streaming_History_Audio|StreamingHistory_music|endsong).*\.json|.*\.(listens|ndjson|jsonl|zip)(\.gz|\.zst)?)$/i

async function findSources(path: string): Promise<readonly ImportSource[]> {
  const info = await stat(path).catch((cause) => {
    throw new TastemakerError('bad-argument', `There is no file or folder ${path}.`, { cause })
  })
  if (!info.isDirectory()) return [sourceAt(path)]
  const names = (await readdir(path)).filter((name) => importable.test(name)).sort()
  if (names.length === 0)
    throw new TastemakerError(
      'bad-input',
      `No file in ${path} looks like a listening history; name the file itself.`,
    )
  return names.map((name) => sourceAt(join(path, name)))
}

function sourceAt(path: string): ImportSource {
  return {
    fileName: basename(path),
    path,
    beside: async (name) => {
      try {
        return await readFile(join(dirname(path), name))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
  }
}
