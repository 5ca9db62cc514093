// What every object store must do, told as tests.
import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compareBytes } from '../../src/stores/objects/object-key.ts'
import type { ObjectStore } from '../../src/stores/objects/object-store.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (body: Uint8Array): string => new TextDecoder().decode(body)

async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list(prefix)) keys.push(key)
  return keys
}

/** Chunks of one MiB, each filled with its number. */
async function* mebibytes(count: number): AsyncIterable<Uint8Array> {
  const chunk = new Uint8Array(1024 * 1024)
  for (let index = 0; index < count; index++) yield chunk.fill(index)
}

/** How a store is tested. */
export type ObjectStoreCase = {
  /** How many objects are listed at once: more than a page where there are pages. */
  readonly listed?: number
}

/** Runs the contract against stores that `open` makes, each of them empty. */
export function objectStoreContract(
  name: string,
  open: () => Promise<ObjectStore>,
  { listed = 300 }: ObjectStoreCase = {},
): void {
  describe(`object store: ${name}`, () => {
    let store: ObjectStore
    beforeAll(async () => {
      store = await open()
    })

    it('gives back what was put, and the newest of it', async () => {
      expect(await store.put('a/one', bytes('first'))).toBe(true)
      expect(await store.put('a/one', bytes('second, longer'))).toBe(true)
      expect(text(await store.get('a/one'))).toBe('second, longer')
    })

    it('stores a stream and nothing at all', async () => {
      async function* parts(): AsyncIterable<Uint8Array> {
        yield bytes('one,')
        yield bytes('two')
      }
      await store.put('stream', parts())
      await store.put('empty', new Uint8Array())
      expect(text(await store.get('stream'))).toBe('one,two')
      expect(await store.get('empty')).toHaveLength(0)
    })

    it('keeps no object of a stream that failed', async () => {
      async function* parts(): AsyncIterable<Uint8Array> {
        yield bytes('half')
        throw new RangeError('the source broke')
      }
      await expect(store.put('broken/stream', parts())).rejects.toThrow()
      await expect(store.get('broken/stream')).rejects.toMatchObject({ code: 'not-found' })
      expect(await keysOf(store, 'broken/')).toEqual([])
    })

    it('stores a long stream, also over a shorter object, and refuses it when there is one', async () => {
      await store.put('long', bytes('short'))
      expect(await store.put('long', mebibytes(20))).toBe(true)
      const body = await store.get('long')
      expect(body).toHaveLength(20 * 1024 * 1024)
      for (let index = 0; index < 20; index++) expect(body[(index + 1) * 1024 * 1024 - 1]).toBe(index)
      expect(await store.put('long', mebibytes(9), { ifAbsent: true })).toBe(false)
      expect(await store.put('long-too', mebibytes(9), { ifAbsent: true })).toBe(true)
      expect(await keysOf(store, 'long')).toEqual(['long', 'long-too'])
      expect((await store.get('long')).length).toBe(body.length)
    })

    it('keeps the old object, or none, when a long stream fails', async () => {
      async function* parts(): AsyncIterable<Uint8Array> {
        yield* mebibytes(18)
        throw new RangeError('the source broke')
      }
      await store.put('broken-late/old', bytes('old'))
      for (const key of ['broken-late/old', 'broken-late/new'])
        for (const ifAbsent of [false, true])
          await expect(store.put(key, parts(), { ifAbsent })).rejects.toThrow()
      expect(await keysOf(store, 'broken-late/')).toEqual(['broken-late/old'])
      expect(text(await store.get('broken-late/old'))).toBe('old')
    })

    it('creates only once when asked to, also when many ask at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) => store.put('once', bytes(`${index}`), { ifAbsent: true })),
      )
      expect(answers.filter(Boolean)).toHaveLength(1)
      expect(text(await store.get('once'))).toBe(`${answers.indexOf(true)}`)
    })

    it('does not change with the bytes it was given or gave out', async () => {
      const body = bytes('kept')
      await store.put('own', body)
      body.fill(0)
      ;(await store.get('own')).fill(0)
      expect(text(await store.get('own'))).toBe('kept')
    })

    it('lists sizes below a prefix, in byte order of whole keys', async () => {
      const other = await open()
      const keys = ['a/b', 'a-b', 'a.b', 'a0', 'a/b-c', 'a/c/d', 'b', 'é', '\u{1f3b5}', '\u{ffe0}']
      for (const key of keys) await other.put(key, bytes(key))
      expect(await keysOf(other, '')).toEqual([...keys].sort(compareBytes))
      expect(await keysOf(other, 'a/')).toEqual(['a/b', 'a/b-c', 'a/c/d'])
      expect(await keysOf(other, 'a/b')).toEqual(['a/b', 'a/b-c'])
      expect(await keysOf(other, 'nowhere/at/all')).toEqual([])
      for await (const { key, sizeBytes } of other.list('')) expect(sizeBytes).toBe(bytes(key).length)
    })

    it('lists a tag that changes with the bytes', async () => {
      const tagOf = async (): Promise<string | undefined> => {
        for await (const { tag } of store.list('tagged')) return tag
        return undefined
      }
      await store.put('tagged', bytes('one'))
      const first = await tagOf()
      expect(await tagOf()).toBe(first)
      await store.put('tagged', bytes('two'))
      const second = await tagOf()
      expect(second).not.toBe(first)
      await store.put('tagged', mebibytes(9))
      const third = await tagOf()
      await store.put('tagged', bytes('three'), { ifAbsent: true })
      expect(await tagOf()).toBe(third)
      expect(new Set([first, second, third, '', undefined]).size).toBe(5)
    })

    it('lists more objects than fit into a page', async () => {
      const other = await open()
      const keys = Array.from({ length: listed }, (_, index) => `page/${index % 7}/${index}`)
      for (let from = 0; from < keys.length; from += 32)
        await Promise.all(keys.slice(from, from + 32).map((key) => other.put(key, bytes('x'))))
      expect(await keysOf(other, '')).toEqual(keys.toSorted(compareBytes))
      expect(await keysOf(other, 'page/3/')).toEqual(
        keys.filter((key) => key.startsWith('page/3/')).toSorted(compareBytes),
      )
    })

    it.each([
      'month=2026-01/batch.parquet',
      'a key/with spaces /and+plus/%41/%',
      'Björk – Jóga/🎵',
      'e\u0301/\u00e9',
      'odd\u007f/\u0085\u00a0\u2028/\ufeff',
      '\'"<>&;/:@!$,?#[]{}|^`~*()',
      `${'deep/'.repeat(20)}${'é'.repeat(120)}/${'x'.repeat(250)}`,
    ])('takes the key %j', async (key) => {
      await store.put(key, bytes(key))
      expect(text(await store.get(key))).toBe(key)
      expect(await readFile(await store.localFile(key), 'utf8')).toBe(key)
      expect(await keysOf(store, key)).toEqual([key])
      await store.delete(key)
      expect(await keysOf(store, key)).toEqual([])
    })

    it('deletes, and does not mind when there was nothing', async () => {
      await store.put('gone/x', bytes('x'))
      await store.delete('gone/x')
      await store.delete('gone/x')
      await store.delete('never/was')
      await expect(store.get('gone/x')).rejects.toMatchObject({ code: 'not-found' })
      expect(await keysOf(store, 'gone/')).toEqual([])
    })

    it('shows the newest bytes as a file, to many at once', async () => {
      await store.put('file/newest', bytes('first'))
      const first = await Promise.all(Array.from({ length: 10 }, () => store.localFile('file/newest')))
      for (const path of first) expect(await readFile(path, 'utf8')).toBe('first')
      await store.put('file/newest', bytes('second'))
      expect(await readFile(await store.localFile('file/newest'), 'utf8')).toBe('second')
      await store.delete('file/newest')
      await expect(store.localFile('file/newest')).rejects.toMatchObject({ code: 'not-found' })
    })

    it('shows an object as a file', async () => {
      await store.put('file/x', bytes('on disk'))
      expect(await readFile(await store.localFile('file/x'), 'utf8')).toBe('on disk')
      await expect(store.localFile('file/y')).rejects.toMatchObject({ code: 'not-found' })
      await expect(store.localFile('file')).rejects.toMatchObject({ code: 'not-found' })
      await expect(store.get('file')).rejects.toMatchObject({ code: 'not-found' })
    })

    it.each(['', '/', '/a', 'a/', 'a//b', '.', '..', '../a', 'a/../b', 'a/./b', 'a\0b', '.tmp/a', '\ud800'])(
      'refuses the key %j',
      async (key) => {
        await expect(store.put(key, bytes('x'))).rejects.toMatchObject({ code: 'bad-argument' })
        await expect(store.get(key)).rejects.toMatchObject({ code: 'bad-argument' })
        await expect(store.delete(key)).rejects.toMatchObject({ code: 'bad-argument' })
        await expect(store.localFile(key)).rejects.toMatchObject({ code: 'bad-argument' })
      },
    )

    it.each(['../', '/', 'a/../', 'a//'])('refuses to list %j', async (prefix) => {
      await expect(keysOf(store, prefix)).rejects.toMatchObject({ code: 'bad-argument' })
    })

    it('brings every key and body back, in order', async () => {
      await fc.assert(
        fc.asyncProperty(objectsOf(), async (objects) => {
          const fresh = await open()
          for (const [key, body] of objects) await fresh.put(key, body)
          expect(await keysOf(fresh, '')).toEqual([...objects.keys()].sort(compareBytes))
          for (const [key, body] of objects) expect(await fresh.get(key)).toEqual(body)
        }),
        { numRuns: 25 },
      )
    })

    afterAll(async () => {
      for (const key of await keysOf(store, '')) await store.delete(key)
    })
  })
}

/** Up to eight keys of up to three parts; a part says by its first letter how deep it lies, so none is another's folder. */
function objectsOf(): fc.Arbitrary<Map<string, Uint8Array>> {
  const part = fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .filter((value) => !/[/\0]/.test(value) && value.isWellFormed())
  const key = fc
    .array(part, { minLength: 1, maxLength: 3 })
    .map((parts) =>
      parts.map((value, index) => `${index === parts.length - 1 ? 'f' : 'd'}${value}`).join('/'),
    )
  return fc
    .array(fc.tuple(key, fc.uint8Array({ maxLength: 300 })), { maxLength: 8 })
    .map((entries) => new Map(entries))
}
