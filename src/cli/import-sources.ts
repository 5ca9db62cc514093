// The files that import and validate work on: one that is named, or those of a folder that some importer knows; and how to read them.
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type EventKind, eventKinds } from '../data/event.ts'
import { TastemakerError } from '../errors.ts'
import { detectSource, type ImportSource, type ReadOptions } from '../jobs/read-source.ts'
import type { Invocation, Option } from './command.ts'

/** Files to read, and the names of those of a folder that are left alone. */
export type FoundSources = {
  readonly sources: readonly ImportSource[]
  readonly leftAlone: readonly string[]
}

/** Options of both commands. */
export const readingOptions: Readonly<Record<string, Option>> = {
  format: {
    type: 'string',
    hint: 'NAME',
    description: 'Its format (docs/import.md lists them); else it is found out.',
  },
  mapping: {
    type: 'string',
    hint: 'FILE',
    description: 'What the columns of a CSV or Parquet file mean, JSON.',
  },
  user: { type: 'string', hint: 'ID', description: 'Whose history it is, for exports that do not say.' },
  'time-zone': {
    type: 'string',
    hint: 'ZONE',
    description: 'Zone of times that name none, such as Europe/Berlin (default UTC).',
  },
  kind: {
    type: 'string',
    hint: 'NAME=KIND',
    multiple: true,
    description: 'What an interaction of Gorse or Metarank is to us: --kind purchase=like.',
  },
}

/** Reads those options. Throws `bad-argument` for a mapping file that is not there, and for a kind that is none. */
export async function readOptionsOf({ options }: Invocation): Promise<ReadOptions> {
  const mapping = options.mapping as string | undefined
  const kinds = kindsOf((options.kind ?? []) as readonly string[])
  return {
    ...(options.format !== undefined && { format: options.format as string }),
    ...(options.user !== undefined && { user: options.user as string }),
    ...(options['time-zone'] !== undefined && { timeZone: options['time-zone'] as string }),
    ...(Object.keys(kinds).length > 0 && { kinds }),
    ...(mapping !== undefined && { mapping: await readMapping(mapping) }),
  }
}

async function readMapping(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new TastemakerError('bad-argument', `Cannot read the mapping file ${path}.`, { cause })
  }
}

function kindsOf(assignments: readonly string[]): Readonly<Record<string, EventKind>> {
  const kinds: Record<string, EventKind> = {}
  for (const assignment of assignments) {
    const [, name = '', kind = ''] = /^(.+)=(.+)$/.exec(assignment) ?? []
    if (!(eventKinds as readonly string[]).includes(kind))
      throw new TastemakerError(
        'bad-argument',
        `--kind takes NAME=KIND with one of ${eventKinds.join(', ')}; it is "${assignment}".`,
      )
    kinds[name.toLowerCase()] = kind as EventKind
  }
  return kinds
}

/** Files of a folder that hold columns, for a mapping. */
const tables = /\.(csv|tsv|txt|parquet|jsonl|ndjson)(\.gz|\.zst)?$/i

/**
 * Finds the files at a path: the file, or of a folder those whose format can be told, or that are tables where a mapping is given.
 * Throws `bad-argument` when there is nothing at the path, `bad-input` for a folder without any such file.
 */
export async function findSources(path: string, options: ReadOptions): Promise<FoundSources> {
  const info = await stat(path).catch((cause) => {
    throw new TastemakerError('bad-argument', `There is no file or folder ${path}.`, { cause })
  })
  if (!info.isDirectory()) return { sources: [sourceAt(path)], leftAlone: [] }
  const entries = await readdir(path, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  const sources: ImportSource[] = []
  const leftAlone: string[] = []
  for (const name of names.sort()) {
    const source = sourceAt(join(path, name))
    if (await isOne(source, options)) sources.push(source)
    else leftAlone.push(name)
  }
  if (sources.length === 0)
    throw new TastemakerError(
      'bad-input',
      `No file in ${path} looks like a listening history; name the file itself, with its --format or --mapping.`,
    )
  return { sources, leftAlone }
}

async function isOne(source: ImportSource, { format, mapping }: ReadOptions): Promise<boolean> {
  if (mapping !== undefined) return tables.test(source.fileName)
  const found = await detectSource(source)
  return found !== undefined && (format === undefined || found.name === format)
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
