// Every list store keeps the contract; LMDB keeps it between processes too.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openLists } from '../../src/stores/open.ts'
import { listStoreContract } from '../contracts/list-store.ts'
import { startFixture } from './fixture-process.ts'

const root = await mkdtemp(join(tmpdir(), 'tastemaker-lists-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))

listStoreContract('memory', () => openLists('memory:'))
listStoreContract('lmdb', () => openLists(`lmdb:${join(root, 'contract', 'v1.2')}`))

describe('list store in LMDB', () => {
  it('is read by another process while this one writes', async () => {
    const folder = join(root, 'shared')
    const store = await openLists(`lmdb:${folder}`)
    await store.putMany([
      ['a', Uint8Array.of(0)],
      ['b', Uint8Array.of(0)],
    ])
    const reader = startFixture('read-lists.ts', [folder])
    expect(await reader.line()).toBe('a=0 b=0')
    await store.putMany([
      ['a', Uint8Array.of(1)],
      ['b', Uint8Array.of(1)],
    ])
    expect(await reader.line()).toBe('a=1 b=1')
    expect(await store.deletePrefix('a')).toBe(1)
    expect(await reader.line()).toBe('b=1')
    await reader.kill()
    await store.close()
  })

  it('holds all of a write or none after kills, and never less than it promised', async () => {
    const folder = join(root, 'killed')
    for (let round = 0; round < 4; round++) {
      const writer = startFixture('write-lists.ts', [folder])
      const promised = Number((await writer.killAfterLines(2 + round * 5)).at(-1))
      const store = await openLists(`lmdb:${folder}`)
      const keys = await store.keys('k', { limit: 1000 })
      const values = await Promise.all(keys.map(async (key) => (await store.get(key))?.[0]))
      expect(keys).toHaveLength(300)
      expect(new Set(values).size).toBe(1)
      expect([promised, (promised + 1) % 251]).toContain(values[0])
      await store.close()
    }
  })

  it('keeps what it wrote when closed and opened again', async () => {
    const folder = join(root, 'again')
    const first = await openLists(`lmdb:${folder}`)
    await first.putMany(Array.from({ length: 1000 }, (_, index) => [`k${index}`, Uint8Array.of(index % 256)]))
    await first.close()
    const second = await openLists(`lmdb:${folder}`)
    expect(await second.keys('k', { limit: 2000 })).toHaveLength(1000)
    expect(await second.get('k999')).toEqual(Uint8Array.of(999 % 256))
    await second.close()
  })
})
