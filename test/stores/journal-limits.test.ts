// The bounds of a journal in a folder: what waits, what lies on disk, how large a segment grows, and disks that are full.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import type { Journal } from '../../src/stores/journal/journal.ts'
import { openJournal } from '../../src/stores/open.ts'

const root = await mkdtemp(join(tmpdir(), 'tastemaker-journal-limits-'))
afterAll(() => rm(root, { recursive: true, force: true }))
afterEach(() => void vi.useRealTimers())
let count = 0
const freshUrl = (): string => `file:${join(root, `journal-${count++}`)}`
const line = (bytes: number): string => 'x'.repeat(bytes - 1)
const busy = { code: 'busy' }

async function linesOf(journal: Journal): Promise<readonly string[]> {
  const parts = await Promise.all((await journal.rotate()).map((segment) => segment.read()))
  return parts.flatMap((part) => new TextDecoder().decode(part).split('\n').slice(0, -1))
}

it('says busy while more than the limit waits for the disk, and keeps all that it took', async () => {
  const journal = await openJournal(freshUrl(), { waitingBytes: 100 })
  const taken = [journal.append([line(1000)])]
  const results = await Promise.allSettled([...taken, journal.append([line(60)]), journal.append([line(1)])])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect((results[1] as PromiseRejectedResult).reason).toMatchObject(busy)
  await journal.append([line(60)])
  expect((await linesOf(journal)).map((one) => one.length)).toEqual([999, 59])
  expect(journal.load().waitingBytes).toBe(0)
  await journal.close()
})

it('says busy while as much as the limit lies on disk, and takes lines again once segments are dropped', async () => {
  const url = freshUrl()
  const journal = await openJournal(url, { storedBytes: 250 })
  await journal.append([line(100)])
  await journal.append([line(100)])
  await expect(journal.append([line(100)])).rejects.toMatchObject(busy)
  expect(journal.load()).toEqual({ waitingBytes: 0, storedBytes: 200, commits: 2 })
  const other = await openJournal(url, { storedBytes: 250 })
  await expect(other.append([line(100)])).rejects.toMatchObject(busy)
  const [segment] = await journal.rotate()
  await segment!.drop()
  await segment!.drop()
  expect(journal.load().storedBytes).toBe(0)
  await journal.append([line(100)])
  await other.rotate()
  await other.append([line(100)])
  expect(await linesOf(journal)).toHaveLength(1)
  await Promise.all([journal.close(), other.close()])
})

it('closes a segment at its size', async () => {
  const journal = await openJournal(freshUrl(), { segmentBytes: 250 })
  for (let at = 0; at < 7; at++) await journal.append([line(100)])
  const segments = await journal.rotate()
  expect(await Promise.all(segments.map(async (one) => (await one.read()).length))).toEqual([300, 300, 100])
  await journal.close()
})

it('closes a segment at the end of its UTC day', async () => {
  const midnight = (Math.floor(Date.now() / 86_400_000) + 2) * 86_400_000
  vi.useFakeTimers({ toFake: ['Date'], now: midnight - 1 })
  const journal = await openJournal(freshUrl())
  await journal.append(['before'])
  vi.setSystemTime(midnight)
  await journal.append(['after'])
  const segments = await journal.rotate()
  expect(segments.map(({ startedAt }) => startedAt)).toEqual([midnight - 1, midnight])
  await journal.close()
})

it('a disk that ends in the middle of a write loses nothing acknowledged, keeps nothing torn, and goes on', async () => {
  const url = freshUrl()
  const script = fileURLToPath(new URL('./fixtures/append-until-full.ts', import.meta.url))
  // A file may grow to 8 KiB: a write over that ends in the middle, as on a full disk.
  const words = ['-c', `trap '' XFSZ; ulimit -f 8; exec "$0" "$1" "$2"`, process.execPath, script, url]
  const { stdout } = await promisify(execFile)('bash', words)
  const { acknowledged, refused } = JSON.parse(stdout) as { acknowledged: string[]; refused: string[] }
  expect(refused).toContain('outside')
  expect(acknowledged.length).toBeGreaterThan(30)
  const journal = await openJournal(url)
  const found = await linesOf(journal)
  expect(found.map((one) => one.trimEnd())).toEqual(acknowledged)
  expect(found.every((one) => one.length === 600)).toBe(true)
  expect((await readdir(url.slice('file:'.length))).every((name) => name.endsWith('.ndjson'))).toBe(true)
  await journal.close()
})
