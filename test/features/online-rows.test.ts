import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type OnlineRow,
  onlineKey,
  onlineValue,
  readOnlineRow,
  removeOlderRows,
  removeOtherVersions,
  writeOnlineRows,
} from '../../src/features/online-rows.ts'
import { openLists } from '../../src/stores/open.ts'
import { plainView } from './feature-rows.ts'

const view = { ...plainView(), version: 'v1' }
const row = (
  eventTimestamp: number,
  createdTimestamp = eventTimestamp,
  score = eventTimestamp,
): OnlineRow => ({
  eventTimestamp,
  createdTimestamp,
  values: { score },
})

test('no two entities share a key, no key begins another, and all are short and printable', () => {
  const ids = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.constantFrom('a', 'a/', 'a/b', '#', '%2F'),
  )
  fc.assert(
    fc.property(ids, ids, (a, b) => {
      const [one, other] = [onlineKey(view, [a]), onlineKey(view, [b])]
      expect(one).toMatch(/^[\x21-\x7e]{1,500}$/)
      if (a !== b) expect(one.startsWith(other) || other.startsWith(one)).toBe(false)
    }),
  )
  expect(onlineKey(view, ['a', 'b'])).not.toBe(onlineKey(view, ['a/b', '']))
})

test('whatever order rows are written in, the newest stays', async () => {
  const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })), {
    minLength: 1,
  })
  await fc.assert(
    fc.asyncProperty(rows, async (times) => {
      const lists = await openLists('memory:')
      for (const [event, created] of times)
        await writeOnlineRows(lists, view, [[['a'], row(event, created, 10 * event + created)]])
      const newest = Math.max(...times.map(([event, created]) => 10 * event + created))
      expect((await readOnlineRow(lists, view, ['a']))?.values.score).toBe(newest)
    }),
  )
})

test('null and empty ids are nobody', async () => {
  const lists = await openLists('memory:')
  await writeOnlineRows(lists, view, [[['null'], row(1)]])
  expect(await readOnlineRow(lists, view, [null])).toBeUndefined()
  expect(await readOnlineRow(lists, view, [''])).toBeUndefined()
  expect(await readOnlineRow(lists, view, ['null'])).toMatchObject({ eventTimestamp: 1 })
})

test('a value as old as the time to live is outside of it', () => {
  const asked = { feature: 'score', ttlSeconds: 10 }
  expect(onlineValue(row(1000), { ...asked, now: 10_999 }).status).toBe('PRESENT')
  expect(onlineValue(row(1000), { ...asked, now: 11_000 })).toEqual({
    value: null,
    status: 'OUTSIDE_MAX_AGE',
    eventTimestamp: 1000,
  })
  expect(onlineValue(row(1000), { feature: 'score', ttlSeconds: null, now: 1e15 }).status).toBe('PRESENT')
  expect(onlineValue(row(1000), { feature: 'label', ttlSeconds: null, now: 1 }).status).toBe('NULL_VALUE')
})

test('a new snapshot removes whom it no longer has, a new version the old one; neighbours stay', async () => {
  const lists = await openLists('memory:')
  const other = { ...view, version: 'v10' }
  await writeOnlineRows(lists, view, [
    [['gone'], row(1)],
    [['gone2'], row(5, 5)],
    [['later'], row(9)],
    [['pushed'], { ...row(1), pushed: true }],
  ])
  await writeOnlineRows(lists, other, [[['a'], row(1)]])
  await writeOnlineRows(lists, { ...view, name: 'plain2' }, [[['a'], row(1)]])
  await writeOnlineRows(lists, view, [[['gone2'], row(5, 6)]])
  expect(await removeOlderRows(lists, view, { eventTimestamp: 5, createdTimestamp: 6 })).toBe(1)
  expect(await readOnlineRow(lists, view, ['gone'])).toBeUndefined()
  expect(await readOnlineRow(lists, view, ['gone2'])).toBeDefined()
  expect(await readOnlineRow(lists, view, ['later'])).toBeDefined()
  expect(await readOnlineRow(lists, view, ['pushed'])).toMatchObject({ pushed: true })
  expect(await removeOtherVersions(lists, view)).toBe(1)
  expect(await lists.keys('feature/', { limit: 10 })).toHaveLength(4)
})
