// Slices of CSV end where rows end.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvSlices } from '../../src/stores/sql/csv-slices.ts'

async function slicesOf(text: string, chunkBytes: number, sliceBytes: number): Promise<string[]> {
  const whole = Buffer.from(text)
  async function* chunks(): AsyncIterable<Uint8Array> {
    for (let from = 0; from < whole.length; from += chunkBytes) yield whole.subarray(from, from + chunkBytes)
  }
  const slices: string[] = []
  for await (const parts of csvSlices(chunks(), sliceBytes)) slices.push(Buffer.concat(parts).toString())
  return slices
}

describe('csvSlices', () => {
  it('cuts at the last row that fits, and not within quotes', async () => {
    expect(await slicesOf('1,a\n2,b\n3,c\n', 5, 5)).toEqual(['1,a\n', '2,b\n', '3,c\n'])
    expect(await slicesOf('1,"a\nb"\n2,c', 4, 4)).toEqual(['1,"a\nb"\n', '2,c'])
    expect(await slicesOf('', 4, 4)).toEqual([])
    expect(await slicesOf('no newline', 4, 4)).toEqual(['no newline'])
  })

  it('loses and moves nothing, for any rows and sizes', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', '\n', ','), maxLength: 8 })
    const size = fc.integer({ min: 1, max: 40 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { maxLength: 30 }),
        size,
        size,
        async (cells, chunkBytes, sliceBytes) => {
          const rows = cells.map((value) => `"${value.replaceAll('"', '""')}"\n`)
          const slices = await slicesOf(rows.join(''), chunkBytes, sliceBytes)
          expect(slices.join('')).toBe(rows.join(''))
          for (const slice of slices) {
            expect(slice.length).toBeGreaterThan(0)
            expect((slice.split('"').length - 1) % 2).toBe(0)
            expect(slice.endsWith('\n')).toBe(true)
          }
        },
      ),
    )
  })
})
