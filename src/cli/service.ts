// The running service: API, first page, event intake and the scheduler, opened together and closed together.
import { createApp } from '../api/app.ts'
import { openConsoleFiles } from '../api/console-files.ts'
import { createMetrics } from '../api/metrics.ts'
import { serveNode } from '../api/node.ts'
import type { Settings } from '../config.ts'
import { createPseudonymizer } from '../ingest/pseudonym.ts'
import { drainJournal } from '../jobs/drain-journal.ts'
import { createLog, type Log } from '../log.ts'
import { openListReader } from '../serving/list-reader.ts'
import { openLists, openObjects } from '../stores/open.ts'
import { makeDataFolder } from './data-folder.ts'
import { openIntake } from './intake.ts'
import { readPseudonymKey } from './pseudonym-key.ts'
import { startRefreshing } from './refresh.ts'

/** A service that answers. */
export type Service = { readonly url: string; readonly close: () => Promise<void> }

/** How a service runs. */
export type ServiceOptions = {
  /** Receives log lines. */
  readonly log: (line: string) => void
  /** Flags for the pipeline's runs; absent: lists are never refreshed from here. */
  readonly refreshWith?: readonly string[]
}

/** How long accepted events wait in the journal before they become an object that ingest can see. */
const drainEveryMs = 60_000

/** Starts everything. Lists need not exist yet: until they do, the API says so with 503. */
export async function startService(settings: Settings, options: ServiceOptions): Promise<Service> {
  await makeDataFolder(settings.data)
  const now = () => Date.now()
  const log = createLog(options.log, now)
  const lists = await openLists(settings.listsUrl)
  const rawEvents = await openObjects(settings.eventsUrl)
  const journal = await openIntake(settings)
  await drainJournal(journal, rawEvents)
  const reader = openListReader(lists, now)
  const app = createApp({
    lists: reader,
    journal,
    pseudonymize: createPseudonymizer(settings.pseudonymKey || (await readPseudonymKey(settings.data))),
    ingest: settings.ingest,
    now,
    apiKey: settings.apiKey,
    log,
    metrics: createMetrics(),
    consoleFiles: await openConsoleFiles(),
  })
  const server = await serveNode(app, settings)
  const drain = every(drainEveryMs, log, () => drainJournal(journal, rawEvents))
  const refresh =
    options.refreshWith &&
    startRefreshing({
      flags: options.refreshWith,
      everyMs: settings.refreshHours * 3_600_000,
      lastAt: (await reader.current())?.publishedAt ?? 0,
      before: () => drainJournal(journal, rawEvents),
      now,
      log,
    })
  return {
    url: server.url,
    async close() {
      await server.close()
      refresh?.stop()
      await drain.stop()
      await drainJournal(journal, rawEvents)
      await journal.close()
      await lists.close()
    },
  }
}

/** Repeats work with a pause in between; a failure is logged and tried again next time. */
function every(pauseMs: number, log: Log, work: () => Promise<unknown>) {
  let running: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    running = running
      .then(work)
      .catch((error: unknown) => log('error', 'drain.failed', { message: (error as Error).message }))
  }, pauseMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
