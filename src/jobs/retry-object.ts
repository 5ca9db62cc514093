// What a worker thread does for a retry: some lines of one raw object -> clean rows as NDJSON, and rejects.
import { eventColumns } from '../data/event.ts'
import { quoted } from '../engine/engine.ts'
import { createLineWriter } from '../engine/files.ts'
import { type IngestCounts, ingestStream } from '../ingest/ingest.ts'
import { createPseudonymizer } from '../ingest/pseudonym.ts'
import type { IngestObjectArgs } from './ingest-object.ts'
import { pacedChunks } from './paced-chunks.ts'

/** For the thread that loads this module. */
export const retryObjectModule = import.meta.url

/** One object, and the lines of it that count, from 1. */
export type RetryObjectArgs = IngestObjectArgs & { readonly lines: readonly number[] }

/** Reads one object whole and keeps what became of the lines asked for; the counts are of these alone. Called by name on a worker thread. @public */
export async function retryObject(args: RetryObjectArgs): Promise<IngestCounts> {
  const { key: file, now, settings } = args
  const asked = new Set(args.lines)
  const clean = await createLineWriter(args.cleanPath)
  const rejects = await createLineWriter(args.rejectsPath)
  const byReason: Record<string, number> = {}
  let [written, events]: [Promise<void> | undefined, number] = [undefined, 0]
  await ingestStream(
    pacedChunks(args.path, () => written),
    { file, now, settings, pseudonymize: createPseudonymizer(args.pseudonymKey) },
    {
      event(event, line) {
        if (!asked.has(line)) return
        events += 1
        const row = eventColumns.map(({ name, field }) => [name, event[field]])
        written = clean.write(JSON.stringify(Object.fromEntries(row))) || written
      },
      reject(reject) {
        if (!asked.has(reject.line)) return
        byReason[reject.reason] = (byReason[reject.reason] ?? 0) + 1
        written = rejects.write(JSON.stringify(reject)) || written
      },
    },
  )
  await written
  await clean.close()
  await rejects.close()
  const kept = Object.values(byReason).reduce((sum, count) => sum + count, 0)
  return { lines: events + kept, blank: 0, events, rejects: kept, byReason }
}

/** SQL that reads the clean rows of retries, in the order of the lines and of the paths; columns as in `eventColumns`. */
export function retryRowsSql(paths: readonly string[]): string {
  const types = eventColumns.map(({ name, engineType }) => `"${name}": '${engineType}'`).join(', ')
  return `select * from read_json([${paths.map(quoted).join(', ')}], columns = {${types}}, format = 'newline_delimited')`
}
