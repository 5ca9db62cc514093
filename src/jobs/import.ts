// Imports a foreign file: translated into raw events of our own schema, kept in the raw event store, rejects counted and kept.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { RawEvent } from '../data/raw-event.ts'
import { createLineWriter, readChunks } from '../engine/files.ts'
import { createCleaner } from '../ingest/clean-event.ts'
import type { ImportCounts, ImportedEvent, Importer, ImportSink } from '../ingest/importers/importer.ts'
import { replayCounts } from '../simulation/replay.ts'
import type { JobContext } from './context.ts'
import { writeDocument } from './documents.ts'
import { findImporter, type ImportSource, type ReadOptions, readSource } from './read-source.ts'

/** How to import. */
export type ImportOptions = ReadOptions & {
  /** Lay play counts out as timed listens instead of keeping them as counts. */
  readonly replay?: boolean
}

/** What became of a file: records = events + rejects. */
export type ImportResult = {
  readonly file: string
  readonly format: string
  readonly records: number
  readonly events: number
  readonly rejects: number
  readonly byReason: Readonly<Record<string, number>>
  /** Lines read for names alone. */
  readonly metadata: number
  /** Files of an archive that were left alone. */
  readonly otherFiles: number
  readonly objects: readonly string[]
}

/** Listens that stand for the plays of one listener and artist at most, when counts are replayed. */
const maxListensPerPair = 10

/** Bytes of raw events per object, so that ingest can share them out among threads. */
const objectBytes = 64 * 1024 * 1024

const compress = promisify(gzip)

/**
 * Imports one file. The same file again, for the same listener, makes the same objects, so nothing is counted twice.
 * Throws what findImporter and readSource throw.
 */
export async function importFile(
  context: JobContext,
  source: ImportSource,
  options: ImportOptions,
): Promise<ImportResult> {
  context.progress('import', 0, source.fileName)
  const importer = await findImporter(source, options)
  const id = `${importer.name}/${await hashOf(source.path, options)}`
  const eventsPath = context.scratch.file('import-events.ndjson')
  const rejectsPath = context.scratch.file('import-rejects.ndjson')
  const counts = await writeFiles({ importer, source, options }, context, { eventsPath, rejectsPath })
  const objects = await keepEvents(context, eventsPath, `imports/${id}${options.replay ? '-replay' : ''}`)
  if (counts.rejects > 0) await context.objects.put(`rejects/import/${id}.ndjson`, readChunks(rejectsPath))
  const result = { file: source.fileName, format: importer.name, ...counts, objects }
  await writeDocument(context.objects, `runs/import/${id.replace('/', '-')}.json`, {
    ...result,
    at: context.now(),
  })
  context.progress(
    'import',
    1,
    `${counts.events.toLocaleString('en')} events, ${counts.rejects.toLocaleString('en')} rejects from ${source.fileName}`,
  )
  return result
}

type Reading = { readonly importer: Importer; readonly source: ImportSource; readonly options: ImportOptions }
type Paths = { readonly eventsPath: string; readonly rejectsPath: string }

/** Writes the events and the rejects of a file to two files of lines. */
async function writeFiles(
  reading: Reading,
  context: JobContext,
  { eventsPath, rejectsPath }: Paths,
): Promise<ImportCounts> {
  const writers = { events: await createLineWriter(eventsPath), rejects: await createLineWriter(rejectsPath) }
  const playCounts: RawEvent[] = []
  let written: Promise<void> | undefined
  const sink: ImportSink = {
    event(event) {
      if (reading.options.replay && isPlayCount(event)) playCounts.push(event)
      else written = writers.events.write(JSON.stringify(event)) || written
    },
    reject(reject) {
      written = writers.rejects.write(JSON.stringify(reject)) || written
    },
  }
  try {
    const counts = await readSource(
      reading,
      readContextOf(context, reading.source, () => written),
      sink,
    )
    for (const event of replayed(context, playCounts)) await writers.events.write(JSON.stringify(event))
    return counts
  } finally {
    await writers.events.close()
    await writers.rejects.close()
  }
}

const isPlayCount = (event: ImportedEvent): event is RawEvent => (event.event as string) === 'play_count'

function readContextOf(context: JobContext, source: ImportSource, written: () => Promise<void> | undefined) {
  const settings = context.settings.ingest
  const now = context.now()
  return {
    settings,
    now,
    clean: createCleaner({ now, settings, pseudonymize: (userId) => userId }),
    engine: context.engine,
    scratch: context.scratch,
    written,
    onShare: (share: number) => context.progress('import', 0.95 * share, source.fileName),
  }
}

/** The name of an import: of the file's bytes, and of what was said about them. */
async function hashOf(path: string, { user, timeZone, kinds, mapping }: ImportOptions): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of readChunks(path)) hash.update(chunk)
  const said = [user, timeZone, kinds, mapping]
  if (said.some((word) => word !== undefined)) hash.update(JSON.stringify(said))
  return hash.digest('hex').slice(0, 16)
}

/** Packs a file of raw events into objects of about 64 MB before packing, cut at line ends. */
async function keepEvents(context: JobContext, path: string, prefix: string): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const slice of slicesAtLineEnds(readChunks(path), objectBytes)) {
    const key = `${prefix}-${String(keys.length).padStart(4, '0')}.ndjson.gz`
    await context.rawEvents.put(key, await compress(slice), { ifAbsent: true })
    keys.push(key)
  }
  return keys
}

async function* slicesAtLineEnds(chunks: AsyncIterable<Uint8Array>, atLeast: number): AsyncIterable<Buffer> {
  let held: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(10) + 1
    bytes += chunk.length
    if (bytes < atLeast || end === 0) {
      held.push(chunk)
      continue
    }
    yield Buffer.concat([...held, chunk.subarray(0, end)])
    held = [chunk.subarray(end)]
    bytes = chunk.length - end
  }
  if (bytes > 0) yield Buffer.concat(held)
}

function* replayed(context: JobContext, counts: readonly RawEvent[]): Iterable<RawEvent> {
  if (counts.length === 0) return
  const rows = counts.map((event) => ({
    user: event.user,
    artistId: event.artist.id ?? event.artist.name ?? '',
    artistName: event.artist.name ?? event.artist.id ?? '',
    plays: event.value ?? 1,
  }))
  const day = 86_400_000
  const endAt = Math.floor(context.now() / day) * day
  for (const { events } of replayCounts(rows, { seed: context.settings.seed, endAt, maxListensPerPair }))
    yield* events
}
