// Imports a foreign file: translated into raw events of our own schema, kept in the raw event store, rejects counted and kept.
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { RawEvent } from '../data/raw-event.ts'
import { createLineWriter, readChunks } from '../engine/files.ts'
import { TastemakerError } from '../errors.ts'
import { createCleaner } from '../ingest/clean-event.ts'
import { detectImporter, importers } from '../ingest/importers.ts'
import { replayCounts } from '../simulation/replay.ts'
import type { JobContext } from './context.ts'
import { writeDocument } from './documents.ts'
import { pacedChunks } from './paced-chunks.ts'

/** A file to import. */
export type ImportSource = {
  readonly fileName: string
  /** Path on this machine. */
  readonly path: string
  /** Another file of the same folder, if it is there. */
  readonly beside: (name: string) => Promise<Uint8Array | undefined>
}

/** How to import. */
export type ImportOptions = {
  /** Name of the format; undefined: found from the file's name and beginning. */
  readonly format?: string
  /** Listener that an export without user ids belongs to. */
  readonly user?: string
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
  readonly objects: readonly string[]
}

/** Listens that stand for the plays of one listener and artist at most, when counts are replayed. */
const maxListensPerPair = 10

/** Bytes of raw events per object, so that ingest can share them out among threads. */
const objectBytes = 64 * 1024 * 1024

const compress = promisify(gzip)

/** Imports one file. The same file again makes the same objects, so nothing is counted twice. */
export async function importFile(
  context: JobContext,
  source: ImportSource,
  options: ImportOptions,
): Promise<ImportResult> {
  context.progress('import', 0, source.fileName)
  const importer = await findImporter(source, options.format)
  const id = `${importer.name}/${await hashOf(source.path)}`
  const eventsPath = context.scratch.file('import-events.ndjson')
  const rejectsPath = context.scratch.file('import-rejects.ndjson')
  const writers = { events: await createLineWriter(eventsPath), rejects: await createLineWriter(rejectsPath) }
  const playCounts: RawEvent[] = []
  let written: Promise<void> | undefined
  const counts = await importer.read(
    { fileName: source.fileName, chunks: pacedChunks(source.path, () => written), beside: source.beside },
    {
      now: context.now(),
      maxLineBytes: context.settings.ingest.maxLineBytes,
      clean: createCleaner({
        now: context.now(),
        settings: context.settings.ingest,
        pseudonymize: (userId) => userId,
      }),
      ...(options.user !== undefined && { user: options.user }),
    },
    {
      event(event) {
        if (options.replay && event.event === 'play_count') playCounts.push(event)
        else written = writers.events.write(JSON.stringify(event)) || written
      },
      reject(reject) {
        written = writers.rejects.write(JSON.stringify(reject)) || written
      },
    },
  )
  for (const event of replayed(context, playCounts)) await writers.events.write(JSON.stringify(event))
  await writers.events.close()
  await writers.rejects.close()
  const objects = await keepEvents(context, eventsPath, `imports/${id}${options.replay ? '-replay' : ''}`)
  if (counts.rejects > 0) await context.objects.put(`rejects/import/${id}.ndjson`, readChunks(rejectsPath))
  const { records, events, rejects, byReason } = counts
  const result = { file: source.fileName, format: importer.name, records, events, rejects, byReason, objects }
  await writeDocument(context.objects, `runs/import/${id.replace('/', '-')}.json`, {
    ...result,
    at: context.now(),
  })
  context.progress(
    'import',
    1,
    `${events.toLocaleString('en')} events, ${rejects.toLocaleString('en')} rejects from ${source.fileName}`,
  )
  return result
}

async function findImporter(source: ImportSource, format: string | undefined) {
  if (format !== undefined) {
    const named = importers.find((importer) => importer.name === format)
    if (named) return named
    throw new TastemakerError(
      'bad-argument',
      `There is no format ${format}; known are ${importers.map(({ name }) => name).join(', ')}.`,
    )
  }
  const detected = detectImporter(source.fileName, await headOf(source.path))
  if (detected) return detected
  throw new TastemakerError(
    'bad-input',
    `Cannot tell the format of ${source.fileName}; say which with --format.`,
  )
}

async function headOf(path: string): Promise<Uint8Array> {
  for await (const chunk of readChunks(path)) return chunk.subarray(0, 65_536)
  return new Uint8Array()
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of readChunks(path)) hash.update(chunk)
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
