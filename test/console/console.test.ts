// The page: served whole with the right types, by itself, and from this service alone.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { consoleFolder, openConsoleFiles } from '../../src/api/console-files.ts'
import { openTestApi } from '../api/api.ts'

const names = await readdir(consoleFolder)
const read = (name: string) => readFile(join(consoleFolder, name), 'utf8')

test('the page is at / with a policy that lets nothing else in', async () => {
  const { app } = await openTestApi()
  const answer = await app.request('/')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await answer.text()).toBe(await read('index.html'))
})

test.each(names)('%s is served with its type and names no other place', async (name) => {
  const { app } = await openTestApi()
  const answer = await app.request(`/${name}`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toMatch(
    /^(text\/(html|css|javascript); charset=utf-8|image\/svg\+xml)$/,
  )
  const text = (await answer.text()).replaceAll('http://www.w3.org/2000/svg', '')
  expect(text).not.toMatch(/(https?:)?\/\/[a-z0-9]/i)
  expect(text).not.toMatch(/@import|data:/)
})

test('what the page refers to is there', async () => {
  const references = []
  for (const name of names) {
    const text = await read(name)
    for (const match of text.matchAll(/(?:from|src=|href=)\s*['"](?:\.\/)?([\w-]+\.\w+)['"]/g))
      references.push(match[1])
  }
  expect(references.length).toBeGreaterThan(10)
  expect(references.filter((name) => !names.includes(name!))).toEqual([])
})

test('the policy is kept: no inline script, style or handler', async () => {
  const html = await read('index.html')
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/)
})

test('every field has a label and the document a language and a title', async () => {
  const html = await read('index.html')
  const labels = [...html.matchAll(/<label for="([\w-]+)"/g)].map((match) => match[1])
  const fields = [...html.matchAll(/<input[^>]*id="([\w-]+)"/g)].map((match) => match[1])
  expect(fields.toSorted()).toEqual(labels.toSorted())
  expect(html).toContain('<html lang="en">')
  expect(html).toMatch(/<title>.+<\/title>/)
})

test('every element the scripts ask for by id is in the page', async () => {
  const html = await read('index.html')
  for (const name of names.filter((file) => file.endsWith('.js')))
    for (const [, id] of (await read(name)).matchAll(/byId\('([\w-]+)'\)/g))
      expect(html).toContain(`id="${id}"`)
})

test('no path leads out of the folder', async () => {
  const files = await openConsoleFiles()
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/index.html/..', '//index.html', ''])
    expect(await files(path)).toBeUndefined()
})
