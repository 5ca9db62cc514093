// What a worker thread does for ingest: one raw object -> a file of clean rows and a file of rejects.
import type { Settings } from '../config.ts'
import { type CleanEvent, eventColumns } from '../data/event.ts'
import { createLineWriter } from '../engine/files.ts'
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

/** Reads one object; every line ends in one of the two files. Clean rows are NDJSON by column name. Called by name on a worker thread. @public */
export async function ingestObject(args: IngestObjectArgs): Promise<IngestCounts> {
  const { key: file, now, settings } = args
  const clean = await createLineWriter(args.cleanPath)
  const rejects = await createLineWriter(args.rejectsPath)
  let written: Promise<void> | undefined
  const counts = await ingestStream(
    pacedChunks(args.path, () => written),
    { file, now, settings, pseudonymize: createPseudonymizer(args.pseudonymKey) },
    {
      event(event) {
        written = clean.write(rowOf(event)) || written
      },
      reject(reject) {
        written = rejects.write(JSON.stringify(reject)) || written
      },
    },
  )
  await written
  await clean.close()
  await rejects.close()
  return counts
}

const columns = eventColumns.map((column) => ({ label: `"${column.name}":`, field: column.field }))

/** One clean event as a JSON object by column name, nulls left out. */
function rowOf(event: CleanEvent): string {
  let row = ''
  for (const { label, field } of columns) {
    const value = event[field]
    if (value !== null) row += `${row === '' ? '{' : ','}${label}${JSON.stringify(value)}`
  }
  return `${row}}`
}
