// `tastemaker token`: its token opens the doors of a server on the same data folder, until it is revoked.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { json, newDataFolder, removeFolder, serve, tastemaker } from './tastemaker.ts'

let data: string
beforeAll(async () => {
  data = await newDataFolder()
})
afterAll(() => removeFolder(data))

const tokenOf = async (...words: string[]) =>
  ((await json('token', ...words, '--data', data)) as { token: string }).token

test('a token is the same each time, and is heard until it is revoked', async () => {
  const token = await tokenOf('Ann Example')
  const service = await serve('--data', data)
  const validate = async (given: string) => {
    const headers = { authorization: `Token ${given}` }
    const answer = await fetch(`${service.url}/1/validate-token`, { headers })
    return (await answer.json()) as { valid: boolean; user_name?: string }
  }
  expect(await validate(token)).toMatchObject({ valid: true, user_name: 'Ann Example' })
  expect(await tokenOf('Ann Example')).toBe(token)
  const next = await tokenOf('Ann Example', '--revoke')
  expect(next).not.toBe(token)
  await expect.poll(() => validate(token), { timeout: 10_000 }).toMatchObject({ valid: false })
  expect(await validate(next)).toMatchObject({ valid: true })
  service.child.kill('SIGTERM')
  await service.ended
  for (const name of (await readdir(data)).filter((file) => file.startsWith('token')))
    expect(await readFile(join(data, name), 'utf8')).not.toMatch(/Ann|Example/)
}, 60_000)

test('a blank user is a misuse', async () => {
  expect(await tastemaker('token', ' ', '--data', data)).toMatchObject({ code: 2 })
  expect(await tastemaker('token', '--data', data)).toMatchObject({ code: 2 })
}, 30_000)
