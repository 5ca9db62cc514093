// 1,000 damaged files of raw events, through the reader and through the job's object reader: both say the same, and nothing vanishes.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ingestObject } from '../../src/jobs/ingest-object.ts'
import { diceOf, mutate } from './importers/mutate.ts'
import { context, ingestBytes, line } from './ingest-bytes.ts'

const rounds = 1000
const records = 12

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tastemaker-fuzz-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A file of which one line is damaged, or the whole. */
function damagedFile(seed: number): { readonly bytes: Buffer; readonly untouched: readonly string[] } {
  const dice = diceOf(seed)
  const lines = Array.from({ length: records }, (_, n) =>
    Buffer.from(line({ id: `event-${n}`, user: `user-${n}` })),
  )
  const damaged = dice.below(records)
  const parts = lines.map((text, n) =>
    Buffer.concat([
      n === damaged ? Buffer.from(mutate(text, dice).map((byte) => (byte === 10 ? 32 : byte))) : text,
      Buffer.from('\n'),
    ]),
  )
  const whole = Buffer.concat(parts)
  if (seed % 3 === 0) return { bytes: mutate(whole, dice), untouched: [] }
  return { bytes: whole, untouched: lines.flatMap((_, n) => (n === damaged ? [] : [`event-${n}`])) }
}

test('lines = blank + events + rejects, neighbours survive, and both readers agree', async () => {
  for (let seed = 0; seed < rounds; seed += 1) {
    const { bytes, untouched } = damagedFile(seed)
    const file = seed % 5 === 4 ? 'events.json' : 'events.ndjson'
    const { counts, events } = await ingestBytes(bytes, { file, chunkSize: seed % 2 === 0 ? 997 : 65_536 })
    expect(counts.lines).toBe(counts.blank + counts.events + counts.rejects)
    const ids = new Set(events.map(({ eventId }) => eventId))
    expect({ seed, lost: untouched.filter((id) => !ids.has(id)) }).toEqual({ seed, lost: [] })
    if (seed % 10 !== 0) continue
    const path = join(folder, 'object')
    await writeFile(path, bytes)
    const told = await ingestObject({
      key: file,
      path,
      cleanPath: join(folder, 'clean'),
      rejectsPath: join(folder, 'rejects'),
      now: context.now,
      settings: context.settings,
      pseudonymKey: 'an invented key for tests, 32 long',
    })
    expect({ seed, counts: told }).toMatchObject({ seed, counts })
    const kept = (await readFile(join(folder, 'rejects'), 'utf8')).split('\n').filter((text) => text !== '')
    expect(kept).toHaveLength(counts.rejects)
  }
}, 30_000)

test('packed files that are damaged: counts add up, and what stood before the damage is there', async () => {
  const text = Array.from(
    { length: 400 },
    (_, n) => `${line({ id: `event-${n}`, user: `user-${n}` })}\n`,
  ).join('')
  const packed = gzipSync(text)
  for (let seed = 0; seed < 150; seed += 1) {
    const dice = diceOf(seed)
    const bytes = seed % 2 === 0 ? packed.subarray(0, dice.below(packed.length)) : mutate(packed, dice)
    const { counts } = await ingestBytes(bytes, { file: 'events.ndjson.gz' })
    expect(counts.lines).toBe(counts.blank + counts.events + counts.rejects)
    if (seed % 2 === 0) expect(counts.rejects).toBe(1)
  }
}, 30_000)
