// What a worker thread does for ingest: one raw object -> a Parquet file of clean rows and a file of rejects.
import type { Settings } from '../config.ts'
import { eventColumns } from '../data/event.ts'
import { quoted } from '../engine/engine.ts'
import { createByteWriter, createLineWriter } from '../engine/files.ts'
import { addEvent, type CleanColumns, createCleanColumns, textBytes } from '../ingest/fast/clean-columns.ts'
import { createFastLane } from '../ingest/fast/fast-lane.ts'
import { createParquetFile } from '../ingest/fast/parquet-file.ts'
import { type IngestCounts, ingestStream } from '../ingest/ingest.ts'
import { createPseudonymizer } from '../ingest/pseudonym.ts'
import { pacedChunks } from './paced-chunks.ts'

/** For the thread that loads this module. */
export const ingestObjectModule = import.meta.url

/** One object to read, and the files to write. Paths are of this machine. */
export type IngestObjectArgs = {
  readonly key: string
  readonly path: string
  readonly cleanPath: string
  readonly rejectsPath: string
  readonly now: number
  readonly settings: Settings['ingest']
  readonly pseudonymKey: string
}

/** Rows of a row group: what the SQL engine likes best, and about 30 MB of usual events. */
const groupRows = 122_880
/** Bytes of texts that end a row group earlier; looked at now and then. */
const groupBytes = 64 * 1024 * 1024
const rowsBetweenLooks = 1024

/**
 * Reads one object; every line ends in one of the two files. Clean rows are for `cleanRowsSql`; rejects are NDJSON. Takes up to 250 MB of memory for
 * usual events and 400 MB for the longest, whatever the size of the object. Called by name on a worker thread. @public
 */
export async function ingestObject(args: IngestObjectArgs): Promise<IngestCounts> {
  const { key: file, now, settings } = args
  const context = { file, now, settings, pseudonymize: createPseudonymizer(args.pseudonymKey) }
  const clean = await createByteWriter(args.cleanPath)
  const rejects = await createLineWriter(args.rejectsPath)
  const table = createCleanColumns(groupRows)
  const parquet = createParquetFile()
  const scan = createFastLane(table, context)
  let written: Promise<void> | undefined
  let writing = 0
  const flush = (): void => {
    writing += 1
    const write = clean.write(parquet.group(table, writing === 1))
    written = write.finally(() => {
      writing -= 1
    })
    // Its failure is thrown before the next chunk, or by close.
    written.catch(() => undefined)
  }
  const counts = await ingestStream(
    pacedChunks(args.path, () => written),
    context,
    {
      event(event) {
        addEvent(table, event)
        if (isFull(table)) flush()
      },
      reject(reject) {
        written = rejects.write(JSON.stringify(reject)) || written
      },
    },
    (bytes, begin) => {
      if (isFull(table)) flush()
      return scan(bytes, begin)
    },
  )
  if (table.rows > 0) flush()
  await clean.write(parquet.footer())
  await clean.close()
  await rejects.close()
  return counts
}

function isFull(table: CleanColumns): boolean {
  if (table.rows >= groupRows) return true
  return table.rows % rowsBetweenLooks === 0 && textBytes(table) > groupBytes
}

/**
 * SQL that reads the clean rows of `paths` (one or more `cleanPath`s), in the order of the lines and of the paths; columns as in `eventColumns`.
 */
export function cleanRowsSql(paths: readonly string[]): string {
  const names = eventColumns.map(({ name }) => `"${name}"`).join(', ')
  return `select ${names} from read_parquet([${paths.map(quoted).join(', ')}])`
}
