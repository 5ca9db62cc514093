// URLs and the stores they open.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openJournal, openLists, openObjects, openSql } from '../../src/stores/open.ts'

const root = await mkdtemp(join(tmpdir(), 'tastemaker-open-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))

describe('URLs of stores', () => {
  it.each([
    ['absolute', (folder: string) => `file:${folder}`],
    ['absolute with an empty host', (folder: string) => `file://${folder}`],
    ['relative', (folder: string) => `file:${relative(process.cwd(), folder)}`],
    ['with a scheme in capitals', (folder: string) => `FILE:${folder}`],
  ])('name a folder: %s', async (name, urlOf) => {
    const folder = join(root, name)
    const store = await openObjects(urlOf(folder))
    await store.put('a', new Uint8Array([1]))
    expect(existsSync(join(folder, 'a'))).toBe(true)
  })

  it('with an unknown scheme are refused, with the known ones and without credentials', async () => {
    const cases = [
      [openObjects, ['file:', 'memory:']],
      [openSql, ['pglite:', 'postgres:', 'postgresql:']],
      [openLists, ['lmdb:', 'memory:']],
      [openJournal, ['file:', 'memory:']],
    ] as const
    for (const [open, known] of cases) {
      for (const url of ['mysql://me:pass-word@host/db', 'constructor:x', 'pass-word', '']) {
        const error: Error = await open(url).then(
          () => new Error('opened'),
          (thrown) => thrown,
        )
        expect(error).toMatchObject({ code: 'bad-argument' })
        expect(error.message).not.toContain('pass-word')
        for (const scheme of known) expect(error.message).toContain(scheme)
      }
    }
  })

  it.each(['file:', 'file://host/share', 'file:a\0b'])('that name no folder are refused: %j', async (url) => {
    await expect(openObjects(url)).rejects.toMatchObject({ code: 'bad-argument' })
  })

  it('that cannot be opened are outside', async () => {
    await expect(openObjects('file:/dev/null/x')).rejects.toMatchObject({ code: 'outside' })
    await expect(openJournal('file:/dev/null/x')).rejects.toMatchObject({ code: 'outside' })
    await expect(openLists('lmdb:/dev/null/x')).rejects.toMatchObject({ code: 'outside' })
    await expect(openSql('pglite:/dev/null/x/y')).rejects.toMatchObject({ code: 'outside' })
  })
})
