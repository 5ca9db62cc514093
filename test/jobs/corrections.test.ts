// Corrections against a plain model of the rules: on random histories, over any cut into batches, replayed or not.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openEvents } from '../../src/features/features.ts'
import { localFiles } from '../../src/jobs/clean-batch.ts'
import { readManifest } from '../../src/jobs/clean-manifest.ts'
import { follow, ingest, inView, landed, put, retract, shown, unreconciled } from './events-put.ts'
import { openTestContext, startAt } from './job-context.ts'

/** What was said under an id: an artist at a revision, or (revision undefined) that it is taken back. */
type Said = {
  readonly id: string
  readonly revision: number | undefined
  readonly artist: string
  readonly receivedAt: number
}

const said: fc.Arbitrary<Said> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  revision: fc.oneof({ weight: 5, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.constant(undefined) }),
  artist: fc.constantFrom('x', 'y', 'z'),
  receivedAt: fc.nat(9).map((n) => startAt - 1000 + n),
})
const histories = fc.array(fc.array(said, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 })

/**
 * The rules: what comes at a higher revision than all before it under its id is kept; a retraction is above all revisions.
 * Known at a time is the last kept of what was received by then; a retraction shows nothing.
 */
function model(history: readonly Said[], knownAt = Number.POSITIVE_INFINITY): readonly string[] {
  const kept = new Map<string, Said[]>()
  for (const one of history) {
    const before = kept.get(one.id) ?? []
    if (before.every((other) => levelOf(other) < levelOf(one))) kept.set(one.id, [...before, one])
  }
  return [...kept.values()]
    .flatMap((statements) => statements.filter(({ receivedAt }) => receivedAt <= knownAt).slice(-1))
    .filter(({ revision }) => revision !== undefined)
    .map(({ id, artist }) => `${id}@${artist}`)
    .sort()
}

const levelOf = ({ revision }: Said): number => revision ?? Number.POSITIVE_INFINITY

const lineOf = ({ id, revision, artist, receivedAt }: Said): string =>
  revision === undefined
    ? retract(id, { receivedAt })
    : follow(id, { revision, artist: { id: artist }, receivedAt, at: startAt - revision * 30 * 86_400_000 })

test('current events are those of the model, in Parquet and in Postgres, now and as known before', async () => {
  await fc.assert(
    fc.asyncProperty(histories, fc.nat(9), fc.boolean(), async (batches, known, replayed) => {
      const { context, close } = await openTestContext()
      try {
        for (const [at, batch] of batches.entries()) {
          await put(context, `${at}.ndjson`, batch.map(lineOf))
          await ingest(context)
        }
        if (replayed) {
          await put(context, 'again.ndjson', batches.flat().map(lineOf))
          expect(await ingest(context)).toMatchObject({ clean: 0, corrections: 0 })
        }
        const history = batches.flat()
        expect(await shown(context)).toEqual(model(history))
        expect(await landed(context)).toEqual(model(history))
        const manifest = await readManifest(context.objects)
        expect(unreconciled(manifest)).toEqual([])
        const knownAt = startAt - 1000 + known
        const files = {
          events: await localFiles(context, manifest.files),
          corrections: await localFiles(context, manifest.corrections),
        }
        await openEvents(await context.engine(), files, { knownAt })
        expect(await inView(context)).toEqual(model(history, knownAt))
      } finally {
        await close()
      }
    }),
    { numRuns: 12 },
  )
}, 120_000)
