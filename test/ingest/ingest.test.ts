// Ingest loses no valid line, reports every bad one with its number, and its counts add up, whatever the bytes.
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { context, ingestBytes, line, now, type Outcome } from './ingest-bytes.ts'

const valid = (id: string): string => line({ id })
const ids = ({ events }: Outcome): string[] => events.map((event) => event.eventId)
const faults = ({ rejects }: Outcome): [number, string][] => rejects.map(({ line, reason }) => [line, reason])

function expectSums({ counts, events, rejects }: Outcome): void {
  expect(counts.lines).toBe(counts.blank + counts.events + counts.rejects)
  expect(counts.events).toBe(events.length)
  expect(counts.rejects).toBe(rejects.length)
  expect(Object.values(counts.byReason).reduce((sum, count) => sum + count, 0)).toBe(rejects.length)
}

describe('one file with every fault', () => {
  const badUtf8 = Buffer.concat([
    Buffer.from('{"event":"listen","user":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}'),
  ])
  const lines: (string | Buffer)[] = [
    `\ufeff${valid('bom')}`, // 1
    valid('plain'),
    valid('plain'), // 3: a duplicate is not ours to drop
    '', // 4: blank
    `${valid('crlf')}\r`,
    '   \t\r', // 6: blank
    '{"event":"listen","id":"broken", "at": ', // 7: truncated
    valid('after-truncated'),
    badUtf8, // 9
    valid('after-bad-utf8'),
    line({ at: now / 1000 }), // 11: seconds
    line({ at: now * 1000 }), // 12: microseconds
    line({ at: '2031-01-01T00:00:00Z' }), // 13
    line({ id: 'nulls', surface: null, value: null, track: { id: 'track-1', title: null } }), // 14: fine
    line({ user: null }), // 15
    line({ filler: 'x'.repeat(20_000_000) }), // 16: 20 MB
    valid('after-20-mb'),
    '{"event":"listen","user":"a\0b"}', // 18: NUL
    line({ surface: 'a\0b' }), // 19: NUL, escaped
    line({ id: 'no-nul', surface: '\\u0000' }), // 20: fine, an escaped backslash
    `{"deep":${'['.repeat(200_000)}${']'.repeat(200_000)},${valid('deep').slice(1)}`, // 21: fine
    `{"user":"first",${valid('twice').slice(1)}`, // 22: fine, the last of duplicate keys counts
    '[1, 2]', // 23: not an object
    'not json at all', // 24
    '{"event":"dance"}', // 25
    line({ artist: {} }), // 26
    line({ track: undefined }), // 27
    valid('last, without newline'),
  ]
  const bytes = Buffer.concat(
    lines.flatMap((each, at) => [Buffer.from(each), Buffer.from(at < lines.length - 1 ? '\n' : '')]),
  )
  const goodIds = [
    'bom',
    'plain',
    'plain',
    'crlf',
    'after-truncated',
    'after-bad-utf8',
    'nulls',
    'after-20-mb',
  ]
  const expectedIds = [...goodIds, 'no-nul', 'deep', 'twice', 'last, without newline']
  const expectedFaults = [
    [7, 'truncated'],
    [9, 'bad-encoding'],
    [11, 'too-old'],
    [12, 'future-time'],
    [13, 'future-time'],
    [15, 'no-user'],
    [16, 'too-long'],
    [18, 'schema'],
    [19, 'schema'],
    [23, 'schema'],
    [24, 'malformed'],
    [25, 'schema'],
    [26, 'no-artist'],
    [27, 'no-track'],
  ]

  test.each([
    ['events.ndjson', bytes, 65_536],
    ['events.ndjson', bytes, 4_999_999],
    ['events.ndjson', bytes.subarray(0), bytes.length],
    ['events.jsonl.gz', gzipSync(bytes), 65_536],
    ['events.json.zst', zstdCompressSync(bytes), 1000],
    ['named-plain-but-packed.ndjson', gzipSync(bytes), 65_536],
    ['named-packed-but-plain.ndjson.gz', bytes, 65_536],
  ])('%s', async (file, content, chunkSize) => {
    const outcome = await ingestBytes(content, { file, chunkSize })
    expect(ids(outcome)).toEqual(expectedIds)
    expect(faults(outcome)).toEqual(expectedFaults)
    expect(outcome.counts).toMatchObject({ lines: 28, blank: 2 })
    expect(outcome.rejects.every((reject) => reject.file === file && reject.text.length <= 1000)).toBe(true)
    expectSums(outcome)
  })

  test('cut into single bytes', async () => {
    const short = Buffer.concat([bytes.subarray(0, 2500), Buffer.from('é'), Buffer.from(`\n${valid('end')}`)])
    const whole = await ingestBytes(short)
    expect(await ingestBytes(short, { chunkSize: 1 })).toEqual(whole)
    expect(ids(whole).at(-1)).toBe('end')
  })
})

test('the last of duplicate keys counts', async () => {
  const { events } = await ingestBytes(`{"user":"first",${line({ user: 'second' }).slice(1)}`)
  expect(events[0]?.userId).toBe(context.pseudonymize('second'))
})

describe('packed files', () => {
  const many = Array.from({ length: 3000 }, (_, at) =>
    line({ id: `event-${at}`, artist: { id: `a${(at * 7919) % 3001}` } }),
  )
  const text = Buffer.from(`${many.join('\n')}\n`)
  const packed = gzipSync(text)
  const halves = [text.subarray(0, 100_000), text.subarray(100_000)]

  test.each([1000, 65_536])(
    'several gzip members or zstd frames are one text (chunks of %d)',
    async (chunkSize) => {
      for (const [pack, ending] of [[gzipSync, 'gz'] as const, [zstdCompressSync, 'zst'] as const]) {
        const outcome = await ingestBytes(Buffer.concat(halves.map((half) => pack(half))), {
          file: `a.ndjson.${ending}`,
          chunkSize,
        })
        expect(outcome.counts).toMatchObject({ lines: 3000, events: 3000, rejects: 0 })
      }
    },
  )

  test('a truncated gzip keeps every whole line and says where it broke', async () => {
    const outcome = await ingestBytes(packed.subarray(0, packed.length >> 1), { file: 'a.ndjson.gz' })
    const kept = outcome.events.length
    expect(kept).toBeGreaterThan(1000)
    expect(ids(outcome)).toEqual(many.slice(0, kept).map((_, at) => `event-${at}`))
    expect(faults(outcome)).toEqual([[kept + 1, 'truncated']])
    expectSums(outcome)
  })

  test('a damaged gzip keeps the lines before the damage', async () => {
    const end = packed.length >> 1
    const damaged = Buffer.concat([
      packed.subarray(0, end),
      Buffer.alloc(64, 0xff),
      packed.subarray(end + 64),
    ])
    const before = await ingestBytes(packed.subarray(0, end), { file: 'a.ndjson.gz' })
    const outcome = await ingestBytes(damaged, { file: 'a.ndjson.gz' })
    expect(ids(outcome).slice(0, before.events.length)).toEqual(ids(before))
    expect(outcome.rejects.at(-1)?.reason).toBe('unreadable')
    expectSums(outcome)
  })

  test('garbage behind a gzip is one reject behind all lines', async () => {
    const outcome = await ingestBytes(Buffer.concat([packed, Buffer.from('garbage')]), {
      file: 'a.ndjson.gz',
    })
    expect(outcome.events).toHaveLength(3000)
    expect(faults(outcome)).toEqual([[3001, 'unreadable']])
  })

  test('a truncated zstd is one reject', async () => {
    const outcome = await ingestBytes(zstdCompressSync(text).subarray(0, -20), { file: 'a.ndjson.zst' })
    expect(outcome.rejects.at(-1)?.reason).toBe('truncated')
    expectSums(outcome)
  })

  test.each([
    ['empty.ndjson', Buffer.from(''), []],
    ['mark-only.ndjson', Buffer.from('\ufeff'), []],
    ['empty.ndjson.gz', Buffer.from(''), [[1, 'truncated']]],
    ['packed-nothing.ndjson.gz', gzipSync(''), []],
    ['no-gzip.ndjson.gz', Buffer.from('PK no gzip at all'), [[1, 'unreadable']]],
  ])('%s', async (file, bytes, expected) => {
    const outcome = await ingestBytes(bytes, { file })
    expect(faults(outcome)).toEqual(expected)
    expectSums(outcome)
  })
})

describe('a .json file that is one array', () => {
  test('is read record by record, with the line each begins on', async () => {
    const text = `[\n${line({ id: 'a' })},\n${line({ user: null })},\n${line({ id: 'b' }).replaceAll(',', ',\n')}\n]`
    const outcome = await ingestBytes(text, { file: 'events.json' })
    expect(ids(outcome)).toEqual(['a', 'b'])
    expect(faults(outcome)).toEqual([[3, 'no-user']])
    expectSums(outcome)
  })
})

test('a run ends with what the source throws', async () => {
  const broken = (async function* () {
    yield Buffer.from(`${line()}\n`)
    throw new Error('the store is gone')
  })()
  const { ingestStream } = await import('../../src/ingest/ingest.ts')
  const run = ingestStream(broken, { ...context, file: 'a.ndjson' }, { event: () => {}, reject: () => {} })
  await expect(run).rejects.toThrow('the store is gone')
})

test('an earliest time that is none is refused', async () => {
  const { ingestStream } = await import('../../src/ingest/ingest.ts')
  const settings = { ...context.settings, earliest: 'long ago' }
  const nothing = (async function* () {})()
  const run = ingestStream(
    nothing,
    { ...context, settings, file: 'a' },
    { event: () => {}, reject: () => {} },
  )
  await expect(run).rejects.toMatchObject({ code: 'bad-argument' })
})

describe('any bytes', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .constantFrom('\n', '\r\n', '{"', '},{"', '[', ']', '\0', '\\u0000', '\ufeff')
      .map((text) => Buffer.from(text)),
    fc
      .record({
        id: fc.string({ minLength: 1 }),
        at: fc.oneof(fc.integer(), fc.string()),
        playedMs: fc.double(),
      })
      .map((changes) => Buffer.from(line(changes))),
  )
  const bytes = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces))
  const name = fc.constantFrom('a.ndjson', 'a.json', 'a.ndjson.gz', 'a.zst')
  const pack = fc.constantFrom<(text: Buffer) => Buffer>((text) => text, gzipSync, zstdCompressSync)

  test('never throw, and counts always add up', async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes,
        name,
        pack,
        fc.integer({ min: 1, max: 300 }),
        async (content, file, packed, chunkSize) => {
          expectSums(await ingestBytes(packed(content), { file, chunkSize, maxLineBytes: 1024 }))
        },
      ),
      { numRuns: 300 },
    )
  })

  test('give the same however they are cut into chunks', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 50 }), async (content, chunkSize) => {
        const whole = await ingestBytes(content, { maxLineBytes: 1024 })
        expect(await ingestBytes(content, { chunkSize, maxLineBytes: 1024 })).toEqual(whole)
      }),
    )
  })

  test.each([
    ['a line as long as the limit', 'x'.repeat(1024), 'malformed'],
    ['the same behind a byte order mark', `\uFEFF${'x'.repeat(1024)}`, 'malformed'],
    ['one byte more', 'x'.repeat(1025), 'too-long'],
    ['bytes that are no text, as long as the limit', Buffer.alloc(1024, 0xff), 'bad-encoding'],
    ['and one byte more', Buffer.alloc(1025, 0xff), 'too-long'],
  ])('the limit holds however the line ends and is cut: %s', async (_, line, reason) => {
    for (const end of ['', '\n', '\r\n', '\r'])
      for (const chunkSize of [1, 7, 1023, 1024, 1025, 1026, 5000]) {
        const content = Buffer.concat([Buffer.from(line), Buffer.from(end)])
        const { counts } = await ingestBytes(content, { chunkSize, maxLineBytes: 1024 })
        expect(counts, JSON.stringify([end, chunkSize])).toMatchObject({
          lines: 1,
          byReason: { [reason]: 1 },
        })
      }
  })

  test('a valid line between any others is never lost', async () => {
    const noise = fc
      .uint8Array({ maxLength: 100 })
      .map((raw) => Buffer.from(raw.filter((byte) => byte !== 10)))
    await fc.assert(
      fc.asyncProperty(noise, noise, async (before, after) => {
        const content = Buffer.concat([before, Buffer.from(`\n${valid('kept')}\n`), after])
        const outcome = await ingestBytes(Buffer.concat([Buffer.from('\n'), content]))
        expect(ids(outcome)).toContain('kept')
      }),
    )
  })
})
