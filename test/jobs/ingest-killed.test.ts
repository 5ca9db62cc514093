// Ingest that dies at any of its writes, compaction and the manifest's own among them: the next run makes it whole.
import { expect, test } from 'vitest'
import { readManifest } from '../../src/jobs/clean-manifest.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { tidy } from '../../src/jobs/tidy.ts'
import { day, follow, ingest, landed, put, retract, shown, unreconciled } from './events-put.ts'
import { openTestContext, startAt } from './job-context.ts'

/** The context of a process that dies before its `n`th write; `writes` says how many it made. */
function dyingAt(
  context: JobContext,
  n: number,
): { readonly context: JobContext; readonly writes: () => number } {
  let count = 0
  const write = <T>(work: () => Promise<T>): Promise<T> => {
    count += 1
    return count >= n ? Promise.reject(new Error('killed here')) : work()
  }
  const { objects } = context
  const dying = {
    ...objects,
    put: (...words: Parameters<typeof objects.put>) => write(() => objects.put(...words)),
    delete: (key: string) => write(() => objects.delete(key)),
  }
  return { context: { ...context, objects: dying }, writes: () => count }
}

test('every event is there exactly once, in both places, wherever it dies', async () => {
  const { context, close } = await openTestContext()
  const expected = new Set<string>()
  let died = 0
  for (let round = 1; round <= 14; round++) {
    const ids = [`${round}-a`, `${round}-b`]
    const taken = `${round - 1}-a`
    await put(context, `${String(round).padStart(2, '0')}.ndjson`, [
      ...ids.map((id, at) => follow(id, { at: startAt - (40 + 31 * at) * day })),
      follow(ids[0]!),
      retract(taken),
      '{',
    ])
    for (const id of ids) expected.add(`${id}@artist-1`)
    expected.delete(`${taken}@artist-1`)
    const dying = dyingAt(context, round)
    await ingest(dying.context).catch((error: Error) => {
      expect(error.message).toBe('killed here')
      died += 1
    })
    await ingest(context)
    expect(await shown(context)).toEqual([...expected].sort())
    expect(await landed(context)).toEqual([...expected].sort())
    const manifest = await readManifest(context.objects)
    expect(unreconciled(manifest)).toEqual([])
    expect(manifest.parts).toHaveLength(round)
  }
  expect(died).toBeGreaterThan(8)
  await tidy(context.objects, { featureVersions: [], modelVersions: [] })
  expect(await shown(context)).toEqual([...expected].sort())
  await close()
})
