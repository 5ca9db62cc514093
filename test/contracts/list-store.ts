// What every list store must do, told as tests.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ListStore } from '../../src/stores/lists/list-store.ts'
import { compareBytes } from '../../src/stores/objects/object-key.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** All keys of a prefix, fetched page by page. */
async function allKeys(store: ListStore, prefix: string, limit: number): Promise<string[]> {
  const keys: string[] = []
  for (;;) {
    const last = keys.at(-1)
    const page = await store.keys(prefix, { limit, ...(last !== undefined && { after: last }) })
    keys.push(...page)
    if (page.length < limit) return keys
  }
}

/** Runs the contract against stores that `open` makes, each of them empty. */
export function listStoreContract(name: string, open: () => Promise<ListStore>): void {
  describe(`list store: ${name}`, () => {
    let store: ListStore
    beforeAll(async () => {
      store = await open()
    })
    afterAll(() => store.close())

    it('gives back what was written, the newest of it, and undefined for nothing', async () => {
      await store.putMany([
        ['u/1', bytes(1)],
        ['u/2', bytes()],
      ])
      await store.putMany([['u/1', bytes(1, 2)]])
      expect(await store.get('u/1')).toEqual(bytes(1, 2))
      expect(await store.get('u/2')).toEqual(bytes())
      expect(await store.get('u/3')).toBeUndefined()
    })

    it('lets the caller keep what it got, whatever is read or written next', async () => {
      const given = bytes(7, 7, 7)
      await store.putMany([
        ['keep/a', given],
        ['keep/b', bytes(8, 8, 8)],
      ])
      given.fill(0)
      const kept = await store.get('keep/a')
      await store.get('keep/b')
      await store.putMany([['keep/a', bytes(9, 9, 9)]])
      await store.get('keep/a')
      expect(kept).toEqual(bytes(7, 7, 7))
    })

    it('writes all entries or none', async () => {
      const tooLong = 'x'.repeat(501)
      const entries = [
        ['half/1', bytes(1)],
        [tooLong, bytes(2)],
      ] as const
      await expect(store.putMany(entries)).rejects.toMatchObject({ code: 'bad-argument' })
      function* broken(): Iterable<readonly [string, Uint8Array]> {
        yield ['half/2', bytes(1)]
        throw new RangeError('the source broke')
      }
      await expect(store.putMany(broken())).rejects.toThrow()
      expect(await store.keys('half/', { limit: 10 })).toEqual([])
    })

    it('takes keys of 1 to 500 bytes', async () => {
      const longest = `${'é'.repeat(249)}xy`
      await store.putMany([[longest, bytes(5)]])
      expect(await store.get(longest)).toEqual(bytes(5))
      for (const key of ['', `${longest}z`]) {
        await expect(store.get(key)).rejects.toMatchObject({ code: 'bad-argument' })
        await expect(store.putMany([[key, bytes(1)]])).rejects.toMatchObject({ code: 'bad-argument' })
      }
    })

    it('pages through the keys of a prefix, and not its neighbours', async () => {
      await store.putMany(['p/', 'p/a', 'p/b', 'p/c', 'p0', 'p'].map((key) => [key, bytes(1)] as const))
      expect(await store.keys('p/', { limit: 2 })).toEqual(['p/', 'p/a'])
      expect(await store.keys('p/', { after: 'p/a', limit: 2 })).toEqual(['p/b', 'p/c'])
      expect(await store.keys('p/', { after: 'p/aa', limit: 1 })).toEqual(['p/b'])
      expect(await store.keys('p/', { after: 'p/c', limit: 2 })).toEqual([])
      expect(await store.keys('p/', { after: 'a', limit: 1 })).toEqual(['p/'])
      expect(await store.keys('p/', { limit: 0 })).toEqual([])
    })

    it('deletes a prefix and counts what it held', async () => {
      await store.putMany(['d/1', 'd/2', 'e/1'].map((key) => [key, bytes(1)] as const))
      expect(await store.deletePrefix('d/')).toBe(2)
      expect(await store.deletePrefix('d/')).toBe(0)
      expect(await store.get('d/1')).toBeUndefined()
      expect(await store.get('e/1')).toEqual(bytes(1))
    })

    it('takes nothing', async () => {
      await store.putMany([])
    })

    it('pages to the sorted keys, for any keys', async () => {
      const key = fc
        .string({ unit: 'binary', minLength: 1, maxLength: 60 })
        .filter((value) => value.isWellFormed())
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(key, { maxLength: 20 }),
          fc.integer({ min: 1, max: 7 }),
          async (keys, limit) => {
            await store.deletePrefix('')
            await store.putMany(keys.map((each, index) => [each, bytes(index)] as const))
            expect(await allKeys(store, '', limit)).toEqual([...keys].sort(compareBytes))
            for (const [index, each] of keys.entries()) expect(await store.get(each)).toEqual(bytes(index))
            const prefix = keys[0]?.slice(0, 1) ?? ''
            if (!prefix.isWellFormed()) return
            const below = keys.filter((each) => each.startsWith(prefix)).sort(compareBytes)
            expect(await allKeys(store, prefix, limit)).toEqual(below)
          },
        ),
        { numRuns: 50 },
      )
    })
  })
}
