// Publishing and reading: all or nothing, wherever the publisher stops.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeList, encodeValue } from '../../src/serving/list-bytes.ts'
import { cacheEntries, cacheKeys, pointerKey, versionPrefix } from '../../src/serving/list-cache.ts'
import { createPublisher } from '../../src/serving/list-publisher.ts'
import { type ListReader, openListReader } from '../../src/serving/list-reader.ts'
import type { ListStore } from '../../src/stores/lists/list-store.ts'
import { openLists } from '../../src/stores/open.ts'

const list = (userId: string, modelVersion: string) => ({
  userId,
  source: 'personal' as const,
  model: 'als',
  modelVersion,
  generatedAt: 1,
  artists: [{ artistId: 'a', name: 'A', genre: null, score: 0, probability: 0.5, why: 'w' }],
})
const listener = (userId: string) => ({
  userId,
  ageGroup: 'unknown',
  city: 'unknown',
  state: 'unknown',
  country: 'unknown',
  favouriteArtists: [],
  lastSongs: [],
})
const users = Array.from({ length: 25 }, (_, index) => `u_${String(index).padStart(3, '0')}`)
const next = (version: string) => ({ version, model: 'als', modelVersion: version, publishedAt: 9 })
const entriesOf = (version: string) => [
  ...users.flatMap((userId) => [
    cacheEntries.list(list(userId, version)),
    cacheEntries.listener(listener(userId)),
  ]),
  cacheEntries.popular(list('', version)),
]

async function publish(lists: ListStore, version: string) {
  const publisher = createPublisher(lists, next(version))
  await publisher.put(entriesOf(version))
  return publisher.publish()
}

const versionsIn = async (lists: ListStore) => [
  ...new Set((await lists.keys('v/', { limit: 10_000 })).map((key) => key.split('/')[1])),
]

async function expectWhole(reader: ListReader, version: string) {
  expect((await reader.current())?.version).toBe(version)
  for (const userId of users) {
    const stored = await reader.list(userId)
    expect(decodeList(stored!, userId)).toEqual(list(userId, version))
  }
  expect(await reader.popular()).toBeDefined()
}

describe.each(['memory:', 'lmdb:'])('the list cache on %s', (scheme) => {
  let folder: string
  let lists: ListStore
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lists-'))
    lists = await openLists(scheme === 'lmdb:' ? `lmdb:${folder}` : scheme)
  })
  afterEach(async () => {
    await lists.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('before the first publication nothing is there, and it is said', async () => {
    const reader = openListReader(lists)
    expect(await reader.current()).toBeUndefined()
    await expect(reader.list('u_000')).rejects.toMatchObject({ code: 'not-ready' })
  })

  test('the pointer tells what is published, and the version before stays', async () => {
    await publish(lists, '1')
    expect(await publish(lists, '2')).toEqual({ ...next('2'), listeners: 25, artists: 0, previous: '1' })
    expect(await versionsIn(lists)).toEqual(['1', '2'])
    await publish(lists, '10')
    expect(await versionsIn(lists)).toEqual(['10', '2'])
    await expectWhole(openListReader(lists), '10')
  })

  test('a publisher that stops anywhere leaves readers on the old version; the next publication clears up', async () => {
    await publish(lists, 'old')
    const reader = openListReader(lists)
    const whole = entriesOf('new').length
    for (const stop of [0, 1, 20, whole]) {
      await createPublisher(lists, next(`half-${stop}`)).put(entriesOf('new').slice(0, stop))
      await expectWhole(reader, 'old')
    }
    await publish(lists, 'new')
    await expectWhole(reader, 'new')
    expect(await versionsIn(lists)).toEqual(['new', 'old'])
  })

  test('a publisher killed after the pointer moved leaves a whole new version', async () => {
    await publish(lists, 'a')
    await publish(lists, 'b')
    const removingNothing: ListStore = { ...lists, deletePrefix: async () => 0 }
    await publish(removingNothing, 'c')
    await expectWhole(openListReader(lists), 'c')
    expect(await versionsIn(lists)).toEqual(['a', 'b', 'c'])
    await publish(lists, 'd')
    expect(await versionsIn(lists)).toEqual(['c', 'd'])
  })

  test('a failed batch is not half there, and nothing is shown', async () => {
    await publish(lists, 'old')
    const publisher = createPublisher(lists, next('new'))
    const dying = (function* () {
      yield* entriesOf('new').slice(0, 7)
      throw new Error('the model died')
    })()
    await expect(publisher.put(dying)).rejects.toThrow('the model died')
    await expectWhole(openListReader(lists), 'old')
  })

  test('half a version of the same name is cleared before it is written again', async () => {
    await createPublisher(lists, next('1')).put([cacheEntries.list(list('u_gone', '1'))])
    await publish(lists, '1')
    expect(await openListReader(lists).list('u_gone')).toBeUndefined()
  })

  test('a version is published once, and only with a popular list', async () => {
    await publish(lists, '1')
    await expect(publish(lists, '1')).rejects.toMatchObject({ code: 'conflict' })
    const bare = createPublisher(lists, next('2'))
    await bare.put([cacheEntries.list(list('u_000', '2'))])
    await expect(bare.publish()).rejects.toMatchObject({ code: 'bad-argument' })
    await expectWhole(openListReader(lists), '1')
  })

  test('when versions flip between two reads of one question, it is asked again on the new one', async () => {
    await publish(lists, '1')
    const reader = openListReader(lists)
    let asked = 0
    const seen = await reader.read(async (view, { version }) => {
      asked++
      const popular = await view.popular()
      if (asked === 1) {
        await publish(lists, '2')
        await publish(lists, '3')
      }
      const own = await view.list('u_003')
      return [version, popular && decodeList(popular).modelVersion, own && decodeList(own).modelVersion]
    })
    expect(seen).toEqual(['3', '3', '3'])
    expect(asked).toBe(2)
  })

  test('one flip in the middle leaves the question on the version it began with', async () => {
    await publish(lists, '1')
    const seen = await openListReader(lists).read(async (view) => {
      await view.popular()
      await publish(lists, '2')
      return decodeList((await view.list('u_003'))!).modelVersion
    })
    expect(seen).toBe('1')
  })

  test('pages cover everybody once, in order, at any size', async () => {
    await publish(lists, '1')
    const reader = openListReader(lists)
    for (const limit of [1, 7, 25, 100]) {
      const seen: string[] = []
      let after: string | undefined
      do {
        const page = await reader.listeners({ limit, ...(after !== undefined && { after }) })
        expect(page.listeners.length).toBeLessThanOrEqual(limit)
        seen.push(...page.listeners.map((head) => head.userId))
        after = page.next ?? undefined
      } while (after !== undefined)
      expect(seen).toEqual(users)
    }
    const some = await reader.listeners({ limit: 50, prefix: 'u_02' })
    expect(some.listeners.map((head) => head.userId)).toEqual(users.slice(20))
  })
})

test('a reader with a clock looks at the pointer again after a quarter of a second', async () => {
  const lists = await openLists('memory:')
  let at = 0
  const reader = openListReader(lists, () => at)
  expect(await reader.current()).toBeUndefined()
  await publish(lists, '1')
  expect((await reader.current())?.version).toBe('1')
  await publish(lists, '2')
  await expectWhole(reader, '1')
  at = 250
  await expectWhole(reader, '2')
  await publish(lists, '3')
  await publish(lists, '4')
  expect(decodeList((await reader.list('u_003'))!).modelVersion).toBe('4')
})

test('a short question reads the top of a list, a long one all of it', async () => {
  const lists = await openLists('memory:')
  const long = list('u_1', '1')
  const artists = Array.from({ length: 30 }, (_, index) => ({ ...long.artists[0]!, artistId: `a${index}` }))
  const publisher = createPublisher(lists, next('1'))
  await publisher.put([cacheEntries.list({ ...long, artists }), cacheEntries.popular(long)])
  await publisher.publish()
  const reader = openListReader(lists)
  expect(decodeList((await reader.list('u_1', 20))!).artists).toEqual(artists.slice(0, 20))
  expect(decodeList((await reader.list('u_1', 21))!).artists).toEqual(artists)
})

test('long and strange ids become hashes that fit a key', () => {
  expect(cacheKeys.list('u_1')).toBe('list/u_1')
  expect(cacheKeys.artist('ж'.repeat(256))).toMatch(/^artist\/#[0-9a-f]{64}$/)
  expect(cacheKeys.artist('#a')).not.toBe('artist/#a')
})

test('a version is a plain word', () => {
  expect(versionPrefix('2026-03-01T12:00')).toBe('v/2026-03-01T12:00/')
  expect(() => versionPrefix('a/b')).toThrow(expect.objectContaining({ code: 'bad-argument' }))
})

test('a broken pointer is corrupt, not empty', async () => {
  const lists = await openLists('memory:')
  await lists.putMany([[pointerKey, encodeValue('x').subarray(1)]])
  await expect(openListReader(lists).current()).rejects.toMatchObject({ code: 'corrupt' })
})
