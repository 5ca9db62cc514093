// The API over the sample, without a port: for the tests.
import type { Hono } from 'hono'
import { createApp } from '../../src/api/app.ts'
import { openConsoleFiles } from '../../src/api/console-files.ts'
import type { ApiContext } from '../../src/api/context.ts'
import { createMetrics } from '../../src/api/metrics.ts'
import { createTokens, type Tokens } from '../../src/api/tokens.ts'
import { readSettings } from '../../src/config.ts'
import type { Reject } from '../../src/data/reject.ts'
import { refusalMark } from '../../src/ingest/doors/journal-line.ts'
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
  /** Events and rejects in the journal, parsed; each call of this and the next two moves on past both. */
  readonly lines: () => Promise<{
    readonly events: readonly Record<string, unknown>[]
    readonly rejects: readonly Reject[]
  }>
  readonly kept: () => Promise<readonly Record<string, unknown>[]>
  readonly refused: () => Promise<readonly Reject[]>
}

/** Five minutes after the sample was published. */
export const testNow = sampleTime + 300_000

/** Tokens of which none was revoked. */
export const testTokens: Tokens = createTokens('a secret of the tests that is long enough', async () => 0)

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
    tokens: testTokens,
    programVersion: '1.2.3',
    newId: () => `id-${++ids}`,
    consoleFiles: await openConsoleFiles(),
    ...change,
  })
  const lines = async () => {
    const all: string[] = []
    for (const segment of await journal.rotate()) {
      all.push(
        ...new TextDecoder()
          .decode(await segment.read())
          .split('\n')
          .slice(0, -1),
      )
      await segment.drop()
    }
    const { events = [], rejects = [] } = Object.groupBy(all, (line) =>
      line.startsWith(refusalMark) ? 'rejects' : 'events',
    )
    return {
      events: events.map((line) => JSON.parse(line) as Record<string, unknown>),
      rejects: rejects.map((line) => JSON.parse(line.slice(1)) as Reject),
    }
  }
  const kept = async () => (await lines()).events
  const refused = async () => (await lines()).rejects
  return { app, lists, logged, lines, kept, refused }
}
