// Reads a foreign file through the importer that it needs: what import and validate have in common.
import type { Settings } from '../config.ts'
import type { EventKind } from '../data/event.ts'
import { type Engine, quoted } from '../engine/engine.ts'
import { readChunks, type Scratch } from '../engine/files.ts'
import { TastemakerError } from '../errors.ts'
import type {
  ImportContext,
  ImportCounts,
  Importer,
  ImportInput,
  ImportSink,
} from '../ingest/importers/importer.ts'
import {
  checkColumns,
  columnsOf,
  parseTableMapping,
  type TableMapping,
} from '../ingest/importers/table-mapping.ts'
import { detectImporter, importers } from '../ingest/importers.ts'
import { pacedChunks } from './paced-chunks.ts'

/** A file to import. */
export type ImportSource = {
  readonly fileName: string
  /** Path on this machine. */
  readonly path: string
  /** Another file of the same folder, if it is there. */
  readonly beside: (name: string) => Promise<Uint8Array | undefined>
}

/** How to read it. */
export type ReadOptions = {
  /** Name of the format; undefined: found from the file's name and beginning. */
  readonly format?: string
  /** Listener that an export without user ids belongs to. */
  readonly user?: string
  /** IANA zone of times that name none. Default: UTC. */
  readonly timeZone?: string
  /** Event kinds of the service's own names of interactions, these in lower case. */
  readonly kinds?: Readonly<Record<string, EventKind>>
  /** Text of a mapping file: the file is then a table. */
  readonly mapping?: string
}

/** What reading depends on besides the file. */
export type ReadContext = {
  readonly settings: Settings['ingest']
  readonly now: number
  readonly clean: NonNullable<ImportContext['clean']>
  readonly engine: () => Promise<Engine>
  readonly scratch: Scratch
  /** The newest write that the disk had to be waited for, if any: reading waits for it too. */
  readonly written?: () => Promise<void> | undefined
  /** Told the share of the file that is read, 0..1. */
  readonly onShare?: (share: number) => void
}

/** The format of a file, by its name and its first 64 KB; undefined when it is none that is known. Throws `not-found`. */
export async function detectSource({ fileName, path }: ImportSource): Promise<Importer | undefined> {
  return detectImporter(fileName, await headOf(path))
}

/**
 * Finds the importer of a file. Throws `bad-argument` for a format that does not exist, `bad-input` when none is given and none can be found.
 */
export async function findImporter(source: ImportSource, options: ReadOptions): Promise<Importer> {
  const format = options.mapping === undefined ? options.format : (options.format ?? 'table')
  const found =
    format === undefined ? await detectSource(source) : importers.find(({ name }) => name === format)
  if (found) return found
  const known = importers.map(({ name }) => name).join(', ')
  if (format !== undefined)
    throw new TastemakerError('bad-argument', `There is no format ${format}; known are ${known}.`)
  throw new TastemakerError(
    'bad-input',
    `Cannot tell the format of ${source.fileName}; say which with --format (${known}), or what its columns are with --mapping.`,
  )
}

/** Reads a file through an importer into a sink. Throws what the importer throws, and `bad-input` for a mapping that is not valid. */
export async function readSource(
  {
    importer,
    source,
    options,
  }: { readonly importer: Importer; readonly source: ImportSource; readonly options: ReadOptions },
  context: ReadContext,
  sink: ImportSink,
): Promise<ImportCounts> {
  const mapping = options.mapping === undefined ? undefined : parseTableMapping(options.mapping)
  const { user, timeZone, kinds } = options
  const input =
    mapping && (await isParquet(source.path))
      ? parquetInput(source, mapping, context)
      : fileInput(source, context)
  return importer.read(
    input,
    {
      now: context.now,
      maxLineBytes: context.settings.maxLineBytes,
      clean: context.clean,
      ...(user !== undefined && { user }),
      ...(timeZone !== undefined && { timeZone }),
      ...(kinds !== undefined && { kinds }),
      ...(mapping !== undefined && { mapping }),
    },
    sink,
  )
}

function fileInput({ fileName, path, beside }: ImportSource, context: ReadContext): ImportInput {
  return { fileName, beside, chunks: paced(path, context) }
}

const paced = (path: string, { written, onShare }: ReadContext): AsyncIterable<Uint8Array> =>
  pacedChunks(path, () => written?.(), onShare)

const isParquet = async (path: string): Promise<boolean> =>
  Buffer.from((await headOf(path)).subarray(0, 4)).toString('latin1') === 'PAR1'

/** The mapped columns of a Parquet file as lines of JSON, every value as text, made by the engine before they are read. */
function parquetInput(
  { fileName, path, beside }: ImportSource,
  mapping: TableMapping,
  context: ReadContext,
): ImportInput {
  let damage: string | undefined
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const lines = context.scratch.file('import-table.ndjson')
    const engine = await context.engine()
    const table = `read_parquet(${quoted(path)})`
    const columns = await columnsIn(engine, table)
    if (columns) checkColumns(mapping, columns)
    if (
      columns &&
      (await isWritten(engine, `COPY (${textOf(mapping, table)}) TO ${quoted(lines)} (FORMAT json)`))
    )
      yield* paced(lines, context)
    else damage = 'the Parquet file is damaged'
  }
  return { fileName, beside, chunks: chunks(), damage: () => damage }
}

/** The mapped columns of a table, every value as text. */
function textOf(mapping: TableMapping, table: string): string {
  const columns = columnsOf(mapping).map((name) => {
    const column = `"${name.replaceAll('"', '""')}"`
    return `${column}::VARCHAR AS ${column}`
  })
  return `SELECT ${columns.join(', ')} FROM ${table}`
}

/** Names of a table's columns; undefined where the file cannot be read. */
async function columnsIn(engine: Engine, table: string): Promise<readonly string[] | undefined> {
  try {
    const rows = await engine.rows(`DESCRIBE SELECT * FROM ${table}`)
    return rows.map((row) => String(row.column_name))
  } catch {
    return undefined
  }
}

/** Whether a statement went through; it fails where the file that it reads is damaged. */
async function isWritten(engine: Engine, statement: string): Promise<boolean> {
  try {
    await engine.run(statement)
    return true
  } catch {
    return false
  }
}

async function headOf(path: string): Promise<Uint8Array> {
  for await (const chunk of readChunks(path)) return chunk.subarray(0, 65_536)
  return new Uint8Array()
}
