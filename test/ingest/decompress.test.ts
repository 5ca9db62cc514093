// A damaged object that is too large to be held is read again, and gives every byte before the damage.
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { decompress } from '../../src/ingest/decompress.ts'
import { createRandom } from '../../src/statistics/random.ts'
import { chunksOf } from './ingest-bytes.ts'

const random = createRandom(7)
const text = Buffer.from(Array.from({ length: 30_000 }, (_, n) => `line ${n} ${random.uniform()}\n`).join(''))

async function unpack(chunks: AsyncIterable<Uint8Array>, mostHeld: number) {
  const parts: Uint8Array[] = []
  const bytes = decompress('a.gz', chunks, mostHeld)
  for (let next = await bytes.next(); ; next = await bytes.next()) {
    if (next.done) return { plain: Buffer.concat(parts), damage: next.value?.reason }
    parts.push(next.value)
  }
}

const again = (bytes: Uint8Array) => ({ [Symbol.asyncIterator]: () => chunksOf(bytes, 50_000) })

describe.each([
  ['gzip', gzipSync(text)],
  ['zstd', zstdCompressSync(text)],
])('%s', (_name, packed) => {
  const damaged = Buffer.from(packed)
  damaged.fill(0xff, Math.floor(packed.length * 0.7), Math.floor(packed.length * 0.7) + 400)

  test.each([0.3, 0.71, 0.999])('cut at %d of its bytes', async (share) => {
    const cut = packed.subarray(0, Math.floor(packed.length * share))
    const held = await unpack(chunksOf(cut), 1e9)
    const reread = await unpack(again(cut), 1000)
    expect(reread).toEqual(held)
    expect(held.damage).toBe('truncated')
    expect(text.subarray(0, held.plain.length).equals(held.plain)).toBe(true)
    expect(held.plain.length / text.length).toBeGreaterThan(share - 0.15)
  })

  test('damaged in the middle: held, read again and read once', async () => {
    const held = await unpack(chunksOf(damaged), 1e9)
    expect(await unpack(again(damaged), 1000)).toEqual(held)
    expect(held.damage).toBe('unreadable')
    const once = await unpack(chunksOf(damaged), 1000)
    expect(once.damage).toBe('unreadable')
    expect(once.plain.length).toBeLessThanOrEqual(held.plain.length)
    expect(held.plain.subarray(0, once.plain.length).equals(once.plain)).toBe(true)
  })
})
