// Imports bytes or a fixture in memory, and packs zip archives, for the tests of the importers.
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { expect } from 'vitest'
import type { RawEvent } from '../../../src/data/raw-event.ts'
import type { Reject } from '../../../src/data/reject.ts'
import type { ImportContext, ImportCounts, Importer } from '../../../src/ingest/importers/importer.ts'
import { chunksOf, now } from '../ingest-bytes.ts'

/** What an import handed on. */
export type Imported = {
  readonly counts: ImportCounts
  readonly events: readonly RawEvent[]
  readonly rejects: readonly Reject[]
}

/** Bytes of a file in test/fixtures/ingest. */
export const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/ingest/${name}`, import.meta.url))

/** Imports bytes under a name; checks that the counts add up. */
export async function importBytes(
  importer: Importer,
  fileName: string,
  bytes: Uint8Array,
  {
    chunkSize = 65_536,
    beside,
    ...given
  }: Partial<ImportContext> & { chunkSize?: number; beside?: Uint8Array | undefined } = {},
): Promise<Imported> {
  const events: RawEvent[] = []
  const rejects: Reject[] = []
  const counts = await importer.read(
    { fileName, chunks: chunksOf(bytes, chunkSize), beside: async () => beside },
    { now, maxLineBytes: 1_048_576, ...given },
    { event: (event) => events.push(event as RawEvent), reject: (reject) => rejects.push(reject) },
  )
  expect(counts.records).toBe(counts.events + counts.rejects)
  expect([counts.events, counts.rejects]).toEqual([events.length, rejects.length])
  expect(Object.values(counts.byReason).reduce((sum, count) => sum + count, 0)).toBe(rejects.length)
  return { counts, events, rejects }
}

/** Line and reason of each reject. */
export const faultsOf = ({ rejects }: Imported): [number, string][] =>
  rejects.map(({ line, reason }) => [line, reason])

/** A zip archive of files that are stored without compression. */
export function zipOf(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts: Buffer[] = []
  const index: Buffer[] = []
  let offset = 0
  for (const [name, bytes] of Object.entries(files)) {
    const path = Buffer.from(name)
    const facts = Buffer.alloc(26)
    facts.writeUInt16LE(20, 0)
    facts.writeUInt32LE(crc32(bytes), 10)
    facts.writeUInt32LE(bytes.length, 14)
    facts.writeUInt32LE(bytes.length, 18)
    facts.writeUInt16LE(path.length, 22)
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    index.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, rest, path)
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), facts, path, Buffer.from(bytes))
    offset += 30 + path.length + bytes.length
  }
  const directory = Buffer.concat(index)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(Object.keys(files).length, 4)
  end.writeUInt16LE(Object.keys(files).length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...parts, directory, Buffer.from('PK\x05\x06', 'latin1'), end])
}
