// The fast lane: whatever the bytes, both lanes together say exactly what the slow one says alone.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reject } from '../../../src/data/reject.ts'
import { addEvent, createCleanColumns } from '../../../src/ingest/fast/clean-columns.ts'
import { createFastLane } from '../../../src/ingest/fast/fast-lane.ts'
import { ingestStream } from '../../../src/ingest/ingest.ts'
import { chunksOf, context, ingestBytes, line, now, rawListen } from '../ingest-bytes.ts'
import { eventsOf, rounded } from './column-events.ts'

const file = 'events.ndjson'

/** Ingests on both lanes; `taken` counts what the fast one took. */
async function ingestFast(bytes: Uint8Array, { chunkSize = 65_536, maxLineBytes = 65_536 } = {}) {
  const table = createCleanColumns(2)
  const settings = { ...context.settings, maxLineBytes }
  const lane = createFastLane(table, { ...context, settings })
  const rejects: Reject[] = []
  let taken = 0
  const counts = await ingestStream(
    chunksOf(bytes, chunkSize),
    { ...context, file, settings },
    { event: (event) => addEvent(table, event), reject: (reject) => rejects.push(reject) },
    (block, begin) => {
      const end = lane(block, begin)
      if (end > 0) taken += 1
      return end
    },
  )
  return { counts, events: eventsOf(table), rejects, taken }
}

/** Holds both lanes against the slow one; resolves to the lines that the fast one took. */
async function compare(bytes: Uint8Array, options: { chunkSize?: number; maxLineBytes?: number } = {}) {
  const fast = await ingestFast(bytes, options)
  const slow = await ingestBytes(bytes, { file, maxLineBytes: 65_536, ...options })
  expect(fast.events).toEqual(slow.events.map(rounded))
  expect(fast.rejects).toEqual(slow.rejects)
  expect(fast.counts).toEqual(slow.counts)
  return fast.taken
}

const someTexts = [
  '',
  ' ',
  'a',
  ' a',
  'a ',
  'a  b',
  'Björk',
  'é',
  'The Beatles',
  '\u00a0x',
  'x\u2028',
  '😀',
  'a"b',
  'a\\b',
  '\t',
  'DEL\x7f',
  'x'.repeat(257),
  'ö'.repeat(200),
]
const anyText = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('a', 'home', 'The Beatles', 'listener-1') },
  { weight: 1, arbitrary: fc.constantFrom(...someTexts) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
)
const anyNumber = fc.oneof(
  { weight: 10, arbitrary: fc.nat() },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      0,
      -0,
      1,
      -1,
      0.5,
      1.5,
      64,
      10_000,
      10_001,
      2 ** 31 - 2,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 53,
      1e21,
      1e-7,
      0.1,
      24 * 86_400_000,
      123_456_789_012_345,
    ),
  },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
)
const odd = fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 1 }))
/** Mostly what the schema asks for. */
const mostly = (arbitrary: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 60, arbitrary }, { weight: 1, arbitrary: odd })
const oddTimes = fc.constantFrom<string | number>(
  '2025-06-01T12:00:00Z',
  '2025-06-01T12:00:00.123Z',
  '2025-02-29T12:00:00Z',
  '2025-06-01T24:00:00Z',
  '2024-02-29T23:59:60.999Z',
  '2025-06-01T12:00:00.1Z',
  '2025-06-01t12:00:00z',
  '2025-06-01 12:00+02:00',
  ' 2025-06-01T12:00:00Z ',
  '2001-01-01T00:00:00Z',
  '2026-01-01T00:59:59.999Z',
  '2026-01-01T01:00:00.001Z',
  '2025-0a-01T12:00:00Z',
  '2025-06-01T12:00:00.1x3Z',
  '0999-06-01T12:00:00Z',
  1_748_779_200_000,
  1_748_779_200_000.7,
  1_748_779_200,
  now,
  now + 3_600_001,
  -5,
)
const times = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('2025-06-01T12:00:00Z', '2025-12-31T23:59:59.125Z', 1_748_779_200_000),
  },
  { weight: 1, arbitrary: oddTimes },
)
const kind = fc.constantFrom(
  'listen',
  'impression',
  'click',
  'like',
  'follow',
  'playlist_add',
  'playlist_add',
  'like',
  'play_count',
  'retract',
)
const id = fc.oneof(fc.constantFrom('artist-1', 'track-1', 'e-1'), anyText)
const artist = fc.record(
  {
    id: mostly(id),
    name: mostly(anyText),
    genre: mostly(anyText),
    followers: mostly(anyNumber),
    rank: mostly(fc.integer({ min: 1, max: 50 })),
    more: mostly(anyText),
  },
  { requiredKeys: [] },
)
const track = fc.record(
  { id: mostly(id), title: mostly(anyText), durationMs: mostly(fc.nat()), likes: mostly(anyNumber) },
  { requiredKeys: ['title'] },
)
const event = fc.record(
  {
    event: mostly(kind),
    user: mostly(fc.oneof(fc.constantFrom('listener-1', ' listener-1', 'u_aaaaaaaaaaaaaaaaaaaaaa'), anyText)),
    at: mostly(times),
    artist: mostly(artist),
    track: mostly(track),
    id: mostly(id),
    schema: mostly(fc.constant(1)),
    playedMs: mostly(fc.nat({ max: 400_000 })),
    skipped: mostly(fc.boolean()),
    volumes: mostly(fc.array(fc.constantFrom(0, 0.1, 0.5, 1), { maxLength: 66 })),
    surface: mostly(anyText),
    recommendationId: mostly(id),
    position: mostly(fc.integer({ min: 1, max: 10_500 })),
    propensity: mostly(fc.integer({ min: 0, max: 64 }).map((share) => share / 64)),
    modelVersion: mostly(anyText),
    variant: mostly(anyText),
    value: mostly(fc.constantFrom(1, 1, 1, -1, 7.5)),
    source: mostly(anyText),
    receivedAt: mostly(times),
    revision: mostly(fc.nat({ max: 3 })),
    unknown: mostly(anyText),
    __proto__: mostly(anyNumber),
  },
  { requiredKeys: ['event', 'user', 'at', 'artist', 'track'] },
)
/** JSON as other programs write it: white space, escapes, keys in another order or twice. */
const written = fc.tuple(event, fc.nat({ max: 9 })).map(([value, how]) => {
  const json = JSON.stringify(value)
  if (how === 0) return JSON.stringify(value, undefined, ' ').replaceAll('\n', ' ')
  if (how === 1) return json.replaceAll('":', '" :\t').replaceAll(',"', ' , "')
  if (how === 2)
    return json.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (how === 3) return JSON.stringify(Object.fromEntries(Object.entries(value).reverse()))
  if (how === 4) return `{"user":"first",${json.slice(1)}`
  return json
})
const damaged = fc
  .tuple(
    written,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.nat({ max: 2 })), { minLength: 1, maxLength: 2 }),
  )
  .map(([text, changes]) => {
    const bytes = [...Buffer.from(text)]
    for (const [place, byte, how] of changes)
      bytes.splice(place % bytes.length, how > 0 ? 1 : 0, ...(how < 2 ? [byte] : []))
    return Buffer.from(bytes)
  })
const anyLine: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: written.map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: damaged },
  { weight: 1, arbitrary: fc.json({ maxDepth: 2 }).map((text) => Buffer.from(text)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        '',
        '  ',
        '\r',
        '{}',
        '[',
        '\ufeff',
        line(),
        `\ufeff${line()}`,
        line({ filler: 'x'.repeat(1400) }),
      )
      .map((text) => Buffer.from(text)),
  },
)

describe('both lanes', () => {
  test('say what the slow lane says: events, rejects, numbers of lines, counts, order', async () => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyLine, fc.constantFrom('\n', '\n', '\r\n')), { minLength: 6, maxLength: 12 }),
        fc.record({
          chunkSize: fc.integer({ min: 1, max: 700 }),
          maxLineBytes: fc.constantFrom(1024, 65_536),
        }),
        fc.boolean(),
        async (lines, options, ends) => {
          const parts = lines.flatMap(([each, end], at) => [
            each,
            Buffer.from(ends || at < lines.length - 1 ? end : ''),
          ])
          taken += await compare(Buffer.concat(parts), options)
        },
      ),
      { numRuns: 1000 },
    )
    expect(taken).toBeGreaterThan(1000)
  })
})

describe('the fast lane takes', () => {
  const first = `${line({ id: 'first' })}\n`
  const takes = async (text: string) => (await compare(Buffer.from(`${first}${text}\n`))) === 1

  test.each([
    [
      'a full listen',
      line({ volumes: [0, 0.25, 1], surface: 'Home', skipped: true, receivedAt: '2025-12-01T00:00:00Z' }),
    ],
    ['a listen without id', line({ id: undefined })],
    ['names only', line({ artist: { name: 'Björk' }, track: { title: 'Jóga' } })],
    ['nulls', line({ surface: null, volumes: null, track: { id: 'track-1', title: null } })],
    [
      'an impression',
      JSON.stringify({
        ...rawListen({ event: 'impression', recommendationId: 'r', position: 3, propensity: 0.125 }),
      }),
    ],
    ['a revision', line({ revision: 2 })],
    ['unknown fields with plain values', line({ app: 'ios 18', battery: 0.5, shuffled: true, note: null })],
    ['white space', line().replaceAll('":', '" : ')],
    ['a carriage return', `${line()}\r`],
    ['milliseconds', line({ at: now - 5 })],
    ['an offset', line({ at: '2025-06-01T12:00:00+02:00' })],
  ])('%s', async (_, text) => expect(await takes(text)).toBe(true))

  test.each([
    ['an escape', line({ surface: 'a"b' })],
    ['a field twice', `{"user":"first",${line().slice(1)}`],
    ['an unknown object', line({ device: { os: 'ios' } })],
    ['a fault', line({ at: 'yesterday' })],
    ['a retraction', JSON.stringify({ event: 'retract', id: 'event-1', user: 'listener-1', at: now })],
    ['an exponent', line().replace('190000', '19e4')],
  ])('but not %s', async (_, text) => expect(await takes(text)).toBe(false))

  test('neither the first line nor one that is not UTF-8, but their neighbours', async () => {
    const bad = Buffer.concat([Buffer.from('{"event":"'), Buffer.from([0xff]), Buffer.from('"}\n')])
    expect(
      await compare(Buffer.concat([Buffer.from(first), bad, Buffer.from(first), Buffer.from(first)])),
    ).toBe(2)
  })
})
