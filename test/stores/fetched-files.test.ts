// Copies of remote objects: fetched once, kept while they may be in use, removed when room is needed.
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createFetchedFiles } from '../../src/stores/objects/fetched-files.ts'

const root = await mkdtemp(join(tmpdir(), 'tastemaker-fetched-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))

/** A remote side of objects of 10 bytes, whose versions and clock the test turns. */
function remote() {
  const state = { now: 0, version: 'v1', fetches: 0, fails: false, gate: Promise.resolve() }
  const files = createFetchedFiles({
    makeFolder: () => root,
    async fetch(key, path, known) {
      state.fetches++
      const { version } = state
      await state.gate
      if (state.fails) throw new Error('cut off')
      if (known === version) return 'unchanged'
      await writeFile(path, `${key} ${version}`.padEnd(10))
      return { version, sizeBytes: 10 }
    },
    maxBytes: 20,
    holdMs: 100,
    now: () => state.now,
  })
  return { state, files }
}

describe('fetched files', () => {
  it('removes the one handed out longest ago, once it is old enough and room is needed', async () => {
    const { state, files } = remote()
    const a = await files.file('fa')
    state.now = 1
    const b = await files.file('fb')
    state.now = 2
    await files.file('fa')
    state.now = 50
    const c = await files.file('fc')
    expect([a, b, c].map(existsSync)).toEqual([true, true, true])
    state.now = 101
    await files.file('fd')
    expect([a, b, c].map(existsSync)).toEqual([true, false, true])
    state.now = 500
    const e = await files.file('fe')
    expect([a, c, e].map(existsSync)).toEqual([false, false, true])
    expect(existsSync(await files.file('fb'))).toBe(true)
  })

  it('fetches anew what changed, what was cleared away and what failed, and keeps the old file for its readers', async () => {
    const { state, files } = remote()
    const old = await files.file('ga')
    expect(await files.file('ga')).toBe(old)
    state.version = 'v2'
    const fresh = await files.file('ga')
    expect(fresh).not.toBe(old)
    expect(existsSync(old)).toBe(true)
    await rm(fresh)
    expect(existsSync(await files.file('ga'))).toBe(true)
    state.fails = true
    await expect(files.file('gb')).rejects.toThrow('cut off')
    state.fails = false
    expect(existsSync(await files.file('gb'))).toBe(true)
  })

  it('shares a fetch, but not with one who comes after a change', async () => {
    const { state, files } = remote()
    let open = () => {}
    state.gate = new Promise((resolve) => {
      open = resolve
    })
    const before = [files.file('ha'), files.file('ha')]
    state.version = 'v2'
    files.changed('ha')
    const after = files.file('ha')
    open()
    expect(await before[0]).toBe(await before[1])
    expect(await after).not.toBe(await before[0])
    expect(state.fetches).toBe(2)
  })
})
