// `tastemaker artists`: a person's word is kept in order and listed; misuse is told.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { json, newDataFolder, removeFolder, tastemaker } from './tastemaker.ts'

let data: string
beforeAll(async () => {
  data = await newDataFolder()
})
afterAll(() => removeFolder(data))

test('merge and split are kept and listed', async () => {
  expect(await json('artists', 'merge', 'name:prince', 'prince', '--data', data)).toMatchObject({
    kind: 'merge',
    artistId: 'name:prince',
    into: 'prince',
  })
  const { out } = await tastemaker('artists', 'split', 'name:madonna', '--data', data)
  expect(out).toBe('From the next run on, name:madonna stays an artist of its own.\n')
  expect(await json('artists', 'list', '--data', data)).toMatchObject({
    identities: [],
    decisions: [{ kind: 'merge' }, { kind: 'split', artistId: 'name:madonna' }],
  })
  expect((await tastemaker('artists', 'list', '--data', data)).out).toBe('0 merged, 2 decided by hand\n')
}, 30_000)

test.each([
  [['artists', 'merge', 'a'], 'artists merge ARTIST INTO'],
  [['artists', 'merge', 'a', 'a'], 'cannot be merged into itself'],
  [['artists', 'rename', 'a'], 'artists split ARTIST'],
])(
  '%j is misuse',
  async (words, said) => {
    const { code, notes } = await tastemaker(...words, '--data', data)
    expect(code).toBe(2)
    expect(notes).toContain(said)
  },
  30_000,
)
