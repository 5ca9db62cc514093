// Laws of the intake: whatever comes, it is answered, everything is accounted for, and what was accepted is no reject of ingest.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSettings } from '../../src/config.ts'
import { createCleaner } from '../../src/ingest/clean-event.ts'
import { isFault } from '../../src/ingest/fault.ts'
import { openTestApi, testNow } from './api.ts'
import { samplePseudonym } from './sample.ts'

const clean = createCleaner({
  // An hour later: ingest runs after the intake.
  now: testNow + 3_600_000,
  settings: readSettings().ingest,
  pseudonymize: samplePseudonym,
})

const oddly = (usual: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 8, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) })

const text = fc.string({ maxLength: 20, unit: 'grapheme' })

/** Events that are nearly right. */
const nearly = fc.record(
  {
    event: oddly(fc.constantFrom('listen', 'click', 'like', 'play_count', 'retract')),
    id: oddly(text),
    user: oddly(fc.string({ minLength: 1, maxLength: 8 })),
    at: oddly(fc.constantFrom('2026-03-01T12:00:00Z', testNow, testNow + 3_000_000, '2001-01-01T00:00:00Z')),
    artist: oddly(fc.record({ id: oddly(text), name: oddly(text), extra: text }, { requiredKeys: [] })),
    track: oddly(fc.record({ title: oddly(text), durationMs: oddly(fc.nat()) }, { requiredKeys: [] })),
    value: oddly(fc.constantFrom(1, -1, 3)),
    revision: oddly(fc.nat(3)),
    receivedAt: oddly(fc.integer()),
    extra: fc.jsonValue({ maxDepth: 1 }),
  },
  { requiredKeys: ['event', 'user', 'at', 'artist'] },
)

test('everything sent is accepted or rejected, and what was accepted is an event to ingest', async () => {
  const { app, lines } = await openTestApi()
  const candidates = fc.array(fc.oneof({ weight: 6, arbitrary: nearly }, fc.jsonValue()), {
    minLength: 1,
    maxLength: 8,
  })
  await fc.assert(
    fc.asyncProperty(candidates, fc.boolean(), async (values, asLines) => {
      const body = asLines ? values.map((value) => JSON.stringify(value)).join('\n') : JSON.stringify(values)
      const answer = await app.request('/v1/events', { method: 'POST', body })
      expect([202, 400]).toContain(answer.status)
      const told = (await answer.json()) as { accepted: number; rejected: { index: number }[] }
      const { events, rejects } = await lines()
      expect([events.length, rejects.length]).toEqual([told.accepted, told.rejected.length])
      // One array on one line is an array of events, not one line.
      if (!asLines) expect(told.accepted + told.rejected.length).toBe(values.length)
      expect(rejects.map(({ line }) => line - 1)).toEqual(told.rejected.map(({ index }) => index))
      expect(events.filter((event) => isFault(clean(event)))).toEqual([])
      expect(events.every((event) => event.receivedAt === testNow && !('extra' in event))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test.each(['/v1/events', '/1/submit-listens', '/2.0/', '/rest/scrobble', '/rest/reportPlayback'])(
  'no body makes %s fail on our side',
  async (path) => {
    const { app, logged } = await openTestApi()
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    )
    const headers = fc.constantFrom({}, { 'content-encoding': 'gzip' }, { 'content-encoding': 'zstd' })
    await fc.assert(
      fc.asyncProperty(body, headers, async (bytes, encoding) => {
        const answer = await app.request(path, {
          method: 'POST',
          body: bytes,
          headers: encoding as Record<string, string>,
        })
        expect(answer.status).toBeLessThan(500)
      }),
    )
    expect(logged).toEqual([])
  },
)
