// Takes a person's lines out of the raw events that we wrote ourselves: what the intake accepted and what was imported.
import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import { readChunks } from '../engine/files.ts'
import { decompress, packingOf } from '../ingest/decompress.ts'
import { createPseudonymizer } from '../ingest/pseudonym.ts'
import { readLines } from '../ingest/read-lines.ts'
import { parseIsoTime } from '../ingest/time.ts'
import type { JobContext } from './context.ts'

/** What was done to raw objects. */
export type ChangedRaw = {
  /** Lines taken out. */
  readonly lines: number
  /** Objects of ours that were rewritten, with their new size. */
  readonly rewritten: readonly { readonly key: string; readonly sizeBytes: number }[]
  /** Objects of the service's own that name somebody concerned: they are not ours to change. */
  readonly foreign: readonly string[]
}

/** Whether an object of raw events was written by us. */
const isOurs = (key: string): boolean => /^(imports\/|\d{4}\/\d\d\/\d\d\/intake-)/.test(key)

/**
 * Takes the lines of erased people out of raw objects: those of events up to the erasure, and those whose time cannot be read.
 * An empty line stays in the place of each, so that the numbers of the others hold.
 * @param people pseudonym -> time of the erasure, ms UTC
 * @param options.keys objects to look into; default all
 */
export async function dropPeopleFromRaw(
  context: JobContext,
  people: ReadonlyMap<string, number>,
  options: { readonly keys?: readonly string[] } = {},
): Promise<ChangedRaw> {
  const keys = options.keys ?? (await allKeys(context))
  const rewritten: { key: string; sizeBytes: number }[] = []
  const foreign: string[] = []
  let lines = 0
  for (const [at, key] of keys.entries()) {
    context.progress('privacy', 0.75 + (0.2 * at) / keys.length, 'raw events')
    const kept = await keptLines(context, key, people)
    if (kept.dropped === 0) continue
    lines += kept.dropped
    if (isOurs(key)) rewritten.push({ key, sizeBytes: await rewrite(context, key, kept) })
    else foreign.push(key)
  }
  return { lines, rewritten, foreign }
}

async function allKeys(context: JobContext): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { key } of context.rawEvents.list('')) keys.push(key)
  return keys
}

type Kept = {
  readonly text: readonly string[]
  readonly dropped: number
  readonly packing: ReturnType<typeof packingOf>
}

/** The lines of an object, empty where they were of people; damage that ends an object early stays where it is: such an object is left whole. */
async function keptLines(
  context: JobContext,
  key: string,
  people: ReadonlyMap<string, number>,
): Promise<Kept> {
  const path = await context.rawEvents.localFile(key)
  const pseudonymize = createPseudonymizer(context.pseudonymKey)
  const text: string[] = []
  let dropped = 0
  let head: Uint8Array = new Uint8Array()
  for await (const chunk of readChunks(path)) {
    head = chunk.subarray(0, 4)
    break
  }
  await readLines(decompress(key, readChunks(path)), context.settings.ingest.maxLineBytes, {
    line(line) {
      const erased = isErased(line, people, pseudonymize)
      if (erased) dropped += 1
      if (isOurs(key)) text.push(erased ? '' : line)
    },
    fault(_fault, _line, beginning) {
      if (isOurs(key)) text.push(beginning)
    },
  })
  return { text, dropped, packing: packingOf(head) }
}

/** Whether a line is an event of somebody erased, from before the erasure. What is no JSON object names nobody. */
function isErased(
  line: string,
  people: ReadonlyMap<string, number>,
  pseudonymize: (user: string) => string,
): boolean {
  try {
    const { user, at } = JSON.parse(line) as { user?: unknown; at?: unknown }
    if (typeof user !== 'string') return false
    const erasedAt = people.get(pseudonymize(user))
    if (erasedAt === undefined) return false
    const time = typeof at === 'string' ? parseIsoTime(at.trim()) : Number(at)
    return !(time !== undefined && time > erasedAt)
  } catch {
    return false
  }
}

const pack = {
  plain: async (bytes: Uint8Array): Promise<Uint8Array> => bytes,
  gzip: promisify(gzip),
  zstd: promisify(zstdCompress),
} as const

async function rewrite(context: JobContext, key: string, { text, packing }: Kept): Promise<number> {
  const bytes = await pack[packing](Buffer.from(text.map((line) => `${line}\n`).join('')))
  await context.rawEvents.put(key, bytes)
  return bytes.length
}
