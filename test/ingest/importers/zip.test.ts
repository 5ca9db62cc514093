// Archives that mean harm, or are of no use: bombs, too many files, archives in archives, encrypted files, and ones cut short.
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Fault } from '../../../src/ingest/fault.ts'
import { zipEntries, zipLimits } from '../../../src/ingest/importers/zip-entries.ts'
import { chunksOf } from '../ingest-bytes.ts'
import { zipOf } from './import-file.ts'

const all = { wanted: (name: string) => name.endsWith('.json'), rank: () => 0, other: () => undefined }

type Read = {
  readonly files: readonly [string, number, string | undefined][]
  readonly end: string | undefined
}

async function read(bytes: Uint8Array, limits = zipLimits, choice = all): Promise<Read> {
  const files: [string, number, string | undefined][] = []
  const entries = zipEntries(chunksOf(bytes), choice, limits)
  for (let next = await entries.next(); ; next = await entries.next()) {
    if (next.done) return { files, end: next.value?.reason }
    let length = 0
    let fault: Fault | undefined
    const { name, bytes: unpacked } = next.value
    for (let part = await unpacked.next(); ; part = await unpacked.next()) {
      if (part.done) {
        fault = part.value
        break
      }
      length += part.value.length
    }
    files.push([name, length, fault?.reason])
  }
}

/** A zip of one deflated file, as an archive of real use has. */
function deflated(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content)
  const stored = zipOf({ [name]: packed })
  const central = stored.indexOf('PK\x01\x02', 0, 'latin1')
  for (const [header, at] of [
    [0, 4],
    [central, 6],
  ] as const) {
    stored.writeUInt16LE(8, header + at + 4)
    stored.writeUInt32LE(content.length, header + at + 18)
  }
  return stored
}

test('a file that unpacks to more than the limit is cut there and says so', async () => {
  const bomb = deflated('bomb.json', Buffer.alloc(5_000_000))
  expect(bomb.length).toBeLessThan(10_000)
  const { files } = await read(bomb, { ...zipLimits, fileBytes: 1_000_000 })
  expect(files).toEqual([['bomb.json', expect.any(Number), 'too-long']])
  expect(files[0]![1]).toBeLessThanOrEqual(1_000_000)
})

test('many files that are small each may not be large together', async () => {
  const file = Buffer.alloc(1000)
  const { files } = await read(zipOf({ 'a.json': file, 'b.json': file, 'c.json': file }), {
    ...zipLimits,
    allBytes: 1500,
  })
  expect(files.map(([, , reason]) => reason)).toEqual([undefined, 'too-long', 'too-long'])
})

test('too many files, and an archive that is too large, are refused', async () => {
  const many = zipOf(
    Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`${n}.json`, Buffer.from('[]')])),
  )
  expect(await read(many, { ...zipLimits, files: 5 })).toEqual({ files: [], end: 'too-long' })
  expect(await read(many, { ...zipLimits, fileBytes: 100 })).toEqual({ files: [], end: 'too-long' })
})

test('an archive within an archive is not opened and does not vanish', async () => {
  const inner = zipOf({ 'a.json': Buffer.from('[]') })
  const { files } = await read(zipOf({ 'inner.zip': inner, 'b.json': Buffer.from('[]') }))
  expect(files).toEqual([
    ['inner.zip', 0, 'unreadable'],
    ['b.json', 2, undefined],
  ])
})

test('an encrypted file says so', async () => {
  const bytes = zipOf({ 'a.json': Buffer.from('secret'), 'b.json': Buffer.from('[]') })
  bytes.writeUInt16LE(1, 6)
  const central = bytes.indexOf('PK\x01\x02', 0, 'latin1')
  bytes.writeUInt16LE(1, central + 8)
  bytes.writeUInt32LE('secret'.length + 12, central + 20)
  expect((await read(bytes)).files).toEqual([
    ['a.json', 0, 'unreadable'],
    ['b.json', 2, undefined],
  ])
})

test('one cut short gives the files before the cut, and what is left of the last', async () => {
  const content = Buffer.from('["x"]'.repeat(2000))
  const whole = deflated('a.json', content)
  const { files, end } = await read(whole.subarray(0, whole.indexOf('PK\x01\x02', 0, 'latin1') - 10))
  expect(end).toBe('unreadable')
  expect(files).toEqual([['a.json', expect.any(Number), 'truncated']])
  const stored = zipOf({ 'a.json': content, 'b.json': content })
  expect((await read(stored.subarray(0, 15_000))).files).toEqual([
    ['a.json', 10_000, undefined],
    ['b.json', 15_000 - 10_000 - 72, 'truncated'],
  ])
})

test('files come by rank, and those not wanted are counted', async () => {
  let others = 0
  const choice = { ...all, rank: (name: string) => (name === 'b.json' ? 0 : 1), other: () => (others += 1) }
  const { files } = await read(
    zipOf({ 'a.json': Buffer.from('1'), 'c.txt': Buffer.from(''), 'b.json': Buffer.from('2') }),
    zipLimits,
    choice as never,
  )
  expect(files.map(([name]) => name)).toEqual(['b.json', 'a.json'])
  expect(others).toBe(1)
})
