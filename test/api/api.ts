// The API over the sample, without a port: for the tests.
import type { Hono } from 'hono'
import { createApp } from '../../src/api/app.ts'
import { openConsoleFiles } from '../../src/api/console-files.ts'
import type { ApiContext } from '../../src/api/context.ts'
import { createMetrics } from '../../src/api/metrics.ts'
import { readSettings } from '../../src/config.ts'
import { createLog } from '../../src/log.ts'
import { openListReader } from '../../src/serving/list-reader.ts'
import type { ListStore } from '../../src/stores/lists/list-store.ts'
import { openJournal, openLists } from '../../src/stores/open.ts'
import { publishSample, samplePseudonym, sampleTime } from './sample.ts'

/** The app with what stands behind it, for a test to look at. */
export type TestApi = {
  readonly app: Hono
  readonly lists: ListStore
  /** Lines of the log. */
  readonly logged: readonly string[]
  /** Events in the journal, parsed; each call moves on. */
  readonly kept: () => Promise<readonly Record<string, unknown>[]>
}

/** Five minutes after the sample was published. */
export const testNow = sampleTime + 300_000

/** Opens the API over memory stores with the sample published. */
export async function openTestApi(
  change: Partial<ApiContext> = {},
  options: { readonly empty?: boolean } = {},
): Promise<TestApi> {
  const lists = await openLists('memory:')
  if (!options.empty) await publishSample(lists)
  const journal = await openJournal('memory:')
  const logged: string[] = []
  let ids = 0
  const app = createApp({
    lists: openListReader(lists),
    journal,
    pseudonymize: samplePseudonym,
    ingest: readSettings().ingest,
    now: () => testNow,
    apiKey: '',
    log: createLog(
      (line) => logged.push(line),
      () => testNow,
    ),
    metrics: createMetrics(),
    newId: () => `id-${++ids}`,
    consoleFiles: await openConsoleFiles(),
    ...change,
  })
  const kept = async () => {
    const events: Record<string, unknown>[] = []
    for (const segment of await journal.rotate()) {
      const text = new TextDecoder().decode(await segment.read())
      events.push(
        ...text
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      )
      await segment.drop()
    }
    return events
  }
  return { app, lists, logged, kept }
}
