// The embedded Postgres of a folder: one process at a time, kept through kills, and careful with what is not its own.
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSql } from '../../src/stores/open.ts'
import { startFixture } from './fixture-process.ts'

const root = await mkdtemp(join(tmpdir(), 'tastemaker-sql-test-'))
// An opening cut short may still be writing for a moment.
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }))

describe('embedded Postgres in a folder', () => {
  it('belongs to one process, and is taken over when that one is dead', async () => {
    const folder = join(root, 'locked')
    const acknowledged: string[] = []
    for (let round = 0; round < 4; round++) {
      const child = startFixture('insert-rows.ts', [folder, String(round)])
      expect(await child.line()).toBe('open')
      await expect(openSql(`pglite:${folder}`)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining(String(child.pid)),
      })
      acknowledged.push(...(await child.killAfterLines(3 + round * 10)).slice(1))
    }
    const sql = await openSql(`pglite:${folder}`)
    const rows = await sql.query('select round, index from counted')
    const found = new Set(rows.map(({ round, index }) => `${round}.${index}`))
    expect(acknowledged.filter((row) => !found.has(row))).toEqual([])
    await sql.close()
    expect((await readdir(root)).filter((name) => name.startsWith('locked.'))).toEqual([])
  })

  it('is made anew when its first opening was cut short', async () => {
    const folder = join(root, 'cut-short')
    const child = startFixture('open-sql.ts', [folder, '0'])
    await new Promise((resolve) => setTimeout(resolve, 900))
    await child.kill()
    const sql = await openSql(`pglite:${folder}`)
    expect(await sql.query('select 1 as one')).toEqual([{ one: 1 }])
    await sql.close()
  })

  it('is held by at most one of many that come at once', async () => {
    const folder = join(root, 'contended')
    await (await openSql(`pglite:${folder}`)).close()
    const startAt = String(Date.now() + 3000)
    const children = Array.from({ length: 4 }, () => startFixture('open-sql.ts', [folder, startAt]))
    const answers = await Promise.all(children.map((child) => child.line()))
    await Promise.all(children.map((child) => child.kill()))
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(1)
    expect(answers.filter((answer) => answer.startsWith('conflict'))).toHaveLength(3)
  })

  it('is refused twice in one process, and can be opened again once closed', async () => {
    const folder = join(root, 'twice')
    const first = await openSql(`pglite:${folder}`)
    await expect(openSql(`pglite:${folder}`)).rejects.toMatchObject({ code: 'conflict' })
    await first.close()
    await (await openSql(`pglite:${folder}`)).close()
  })

  it('is locked under whatever name it is reached', async () => {
    const folder = join(root, 'real')
    const first = await openSql(`pglite:${folder}`)
    await symlink(folder, join(root, 'link'))
    await expect(openSql(`pglite:${join(root, 'link')}`)).rejects.toMatchObject({ code: 'conflict' })
    await first.close()
  })

  it('leaves a folder of other things alone', async () => {
    const folder = join(root, 'photos')
    await mkdir(folder)
    await writeFile(join(folder, 'one.txt'), 'mine')
    await expect(openSql(`pglite:${folder}`)).rejects.toMatchObject({ code: 'bad-argument' })
    expect(await readdir(folder)).toEqual(['one.txt'])
  })
})
