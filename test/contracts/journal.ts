// What every journal must do, told as tests.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Journal, JournalSegment } from '../../src/stores/journal/journal.ts'

const linesOf = async (segment: JournalSegment): Promise<string[]> =>
  new TextDecoder()
    .decode(await segment.read())
    .split('\n')
    .slice(0, -1)

/** Runs the contract against journals that `open` makes, each of them empty. */
export function journalContract(name: string, open: () => Promise<Journal>): void {
  describe(`journal: ${name}`, () => {
    let journal: Journal
    beforeAll(async () => {
      journal = await open()
    })
    afterAll(() => journal.close())

    const empty = async (): Promise<void> => {
      for (const segment of await journal.rotate()) await segment.drop()
    }

    it('has no segments before the first line', async () => {
      expect(await journal.rotate()).toEqual([])
      await journal.append([])
      expect(await journal.rotate()).toEqual([])
    })

    it('keeps the lines of one caller in order', async () => {
      await journal.append(['{"a":1}', '{"a":2}'])
      await journal.append(['{"ü":"♪"}'])
      const segments = await journal.rotate()
      expect(segments).toHaveLength(1)
      expect(await linesOf(segments[0]!)).toEqual(['{"a":1}', '{"a":2}', '{"ü":"♪"}'])
      await empty()
    })

    it('keeps every line of many callers at once', async () => {
      const callers = Array.from({ length: 200 }, (_, caller) => [`${caller} first`, `${caller} second`])
      await Promise.all(callers.map((lines) => journal.append(lines)))
      const found = (await Promise.all((await journal.rotate()).map(linesOf))).flat()
      expect(found.toSorted()).toEqual(callers.flat().toSorted())
      for (const [first, second] of callers as [string, string][])
        expect(found.indexOf(second)).toBe(found.indexOf(first) + 1)
      await empty()
    })

    it('lists a segment until it is dropped, oldest first', async () => {
      const before = Date.now()
      for (const line of ['one', 'two', 'three']) {
        await journal.append([line])
        await journal.rotate()
      }
      const segments = await journal.rotate()
      expect(await Promise.all(segments.map(linesOf))).toEqual([['one'], ['two'], ['three']])
      const names = segments.map((segment) => segment.name)
      expect(names).toEqual(names.toSorted())
      expect(new Set(names).size).toBe(3)
      for (const segment of segments) {
        expect(segment.name).toMatch(/^[a-z0-9-]+$/)
        expect(segment.startedAt).toBeGreaterThanOrEqual(before)
        expect(segment.startedAt).toBeLessThanOrEqual(Date.now())
      }
      await segments[1]!.drop()
      await segments[1]!.drop()
      expect((await journal.rotate()).map((segment) => segment.name)).toEqual([names[0], names[2]])
      await empty()
    })

    it('takes lines while it rotates', async () => {
      const appends = Array.from({ length: 50 }, (_, index) => journal.append([`${index}`]))
      const rotations = Array.from({ length: 5 }, () => journal.rotate())
      await Promise.all([...appends, ...rotations])
      const found = (await Promise.all((await journal.rotate()).map(linesOf))).flat()
      expect(found.map(Number).toSorted((left, right) => left - right)).toEqual(
        Array.from({ length: 50 }, (_, index) => index),
      )
      await empty()
    })

    it('refuses a line with a newline, and then goes on', async () => {
      await expect(journal.append(['good', 'two\nlines'])).rejects.toMatchObject({ code: 'bad-argument' })
      await journal.append(['after'])
      expect((await Promise.all((await journal.rotate()).map(linesOf))).flat()).toEqual(['after'])
      await empty()
    })
  })
}
