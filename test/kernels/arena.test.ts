// Arenas: parts lie apart, zeroed and aligned, cross threads without a copy, and too much is refused before it is taken.
import { afterAll, describe, expect, it } from 'vitest'
import { openWorkers } from '../../src/engine/open.ts'
import { arenaBytes, float32, float64, int32, openArena, scratch } from '../../src/kernels/arena.ts'
import { withScratch } from '../../src/kernels/simd.ts'

const module = new URL('./fixtures/arena-tasks.ts', import.meta.url).href

describe('an arena', () => {
  const workers = openWorkers({ threads: 2 })
  afterAll(() => workers.close())

  it('lays its parts out apart, zeroed, each at a multiple of 64 bytes', () => {
    const plan = { a: float32(3), empty: int32(0), b: float64(5), c: int32(100) }
    const { parts, bytes } = openArena('a test', plan)
    expect(bytes).toBe(arenaBytes(plan))
    expect(Object.values(parts).map(({ length }) => length)).toEqual([3, 0, 5, 100])
    let end = 0
    for (const part of [parts.a, parts.b, parts.c]) {
      expect(part.byteOffset % 64).toBe(0)
      expect(part.byteOffset).toBeGreaterThanOrEqual(end)
      expect(part.every((value) => value === 0)).toBe(true)
      end = part.byteOffset + part.byteLength
    }
    expect(end).toBeLessThanOrEqual(bytes)
  })

  it('is shared with other threads, not copied', async () => {
    const { memory, parts } = openArena('a test', { values: float32(8) })
    await workers.run({ module, name: 'fillThree', args: { memory, values: parts.values } })
    expect([...parts.values]).toEqual(new Array(8).fill(3))
  })

  it('refuses more than 4 GiB before anything is allocated, and says what to do', () => {
    const plan = { factors: float32(300_000_000), others: float32(800_000_000) }
    expect(() => openArena('ALS with 1,000 factors', plan)).toThrow(
      expect.objectContaining({
        code: 'too-large',
        message: expect.stringMatching(/ALS with 1,000 factors.*4\.1 GiB.*4 GiB.*fewer factors.*cluster/),
      }),
    )
  })

  it('gives each thread scratch of its own, and takes it back when the work fails', async () => {
    const { memory, parts } = openArena('a test', { scratch: scratch(2, 1000), marks: int32(64) })
    await Promise.all(
      Array.from({ length: 16 }, (_, at) =>
        workers.run({ module, name: 'useScratch', args: { memory, ...parts, at } }),
      ),
    )
    expect([...parts.marks.subarray(0, 16)]).toEqual(new Array(16).fill(1))
    const taken = () =>
      withScratch(parts.scratch, () => {
        throw new Error('no')
      })
    for (let again = 0; again < 5; again++) expect(taken).toThrow('no')
    expect([...parts.scratch.flags]).toEqual([0, 0])
  })
})
