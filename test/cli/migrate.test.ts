// `tastemaker migrate`: shows and does the same, up and down, and makes roles, on the embedded store of a data folder.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { json, newDataFolder, removeFolder, tastemaker } from './tastemaker.ts'

let data: string
let words: readonly string[]

beforeAll(async () => {
  data = await newDataFolder()
  words = ['migrate', '--data', data]
})
afterAll(() => removeFolder(data))

test('says what it would do, and does nothing', async () => {
  const dry = await tastemaker(...words, '--dry-run')
  expect(dry.out).toBe('would go up   1 click-events\nwould go up   2 months\n')
})

test('prints the SQL of tables and roles', async () => {
  const { out } = await tastemaker(...words, '--sql', '--roles')
  expect(out).toContain('create table if not exists click_event')
  expect(out).toContain("insert into schema_migration (number, name, checksum) values (2, 'months'")
  expect(out).toContain('grant select on click_event, landed_batch to tastemaker_reader;')
})

test('goes up with roles, and down, where rows would go only when told to discard', async () => {
  const { steps, roles } = (await json(...words, '--roles')) as { steps: unknown[]; roles: string[] }
  expect(steps).toEqual([
    { number: 1, name: 'click-events', direction: 'up' },
    { number: 2, name: 'months', direction: 'up' },
  ])
  expect(roles.join('\n')).toContain('create role tastemaker_ingest nologin')
  const refused = await tastemaker(...words, '--to', '0')
  expect(refused).toMatchObject({ code: 1, notes: expect.stringContaining('--discard') })
  const down = await tastemaker(...words, '--to', '0', '--discard')
  expect(down.out).toBe('went down 2 months\nwent down 1 click-events\n')
})

test('refuses a state that is no number', async () => {
  expect(await tastemaker(...words, '--to', 'x')).toMatchObject({ code: 2 })
})
