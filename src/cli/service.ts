// The running service: API, first page, event intake and the scheduler, opened together and closed together.
import { createApp } from '../api/app.ts'
import { openConsoleFiles } from '../api/console-files.ts'
import { createMetrics } from '../api/metrics.ts'
import { serveNode } from '../api/node.ts'
import type { Settings } from '../config.ts'
import { drainJournal } from '../jobs/drain-journal.ts'
import { codeVersion } from '../jobs/run.ts'
import { createLog, type Log } from '../log.ts'
import { openListReader } from '../serving/list-reader.ts'
import { openLists, openObjects } from '../stores/open.ts'
import { makeDataFolder } from './data-folder.ts'
import { openFeatureDoor } from './feature-door.ts'
import { openIntake } from './intake.ts'
import { openTokens } from './listener-tokens.ts'
import { openPseudonyms } from './pseudonym-key.ts'
import { startRefreshing } from './refresh.ts'

/** A service that answers. */
export type Service = { readonly url: string; readonly close: () => Promise<void> }

/** How a service runs. */
export type ServiceOptions = {
  /** Receives log lines. */
  readonly log: (line: string) => void
  /** Flags for the pipeline's runs; absent: lists are never refreshed from here. */
  readonly refreshWith?: readonly string[]
  /** Flags for other commands that this one starts. */
  readonly flags: readonly string[]
}

/** Starts everything. Lists need not exist yet: until they do, the API says so with 503. */
export async function startService(settings: Settings, options: ServiceOptions): Promise<Service> {
  await makeDataFolder(settings.data)
  const now = () => Date.now()
  const log = createLog(options.log, now)
  const lists = await openLists(settings.listsUrl)
  const targets = {
    rawEvents: await openObjects(settings.eventsUrl),
    objects: await openObjects(settings.objectsUrl),
  }
  const journal = await openIntake(settings)
  const drain = () => drainJournal(journal, targets)
  await drain()
  const reader = openListReader(lists, now)
  const pseudonyms = await openPseudonyms(settings)
  const app = createApp({
    lists: reader,
    journal,
    pseudonymize: pseudonyms.pseudonymize,
    ingest: settings.ingest,
    now,
    apiKey: settings.apiKey,
    log,
    metrics: createMetrics(),
    tokens: await openTokens(settings.data, now),
    programVersion: codeVersion,
    features: openFeatureDoor(settings, { lists, objects: targets.objects, flags: options.flags, now }),
    consoleFiles: await openConsoleFiles(),
  })
  const server = await serveNode(app, settings)
  const draining = every(settings.intake.drainSeconds * 1000, log, drain)
  const refresh =
    options.refreshWith &&
    startRefreshing({
      flags: options.refreshWith,
      everyMs: settings.refreshHours * 3_600_000,
      lastAt: (await reader.current())?.publishedAt ?? 0,
      before: drain,
      now,
      log,
    })
  return {
    url: server.url,
    async close() {
      await server.close()
      refresh?.stop()
      pseudonyms.close()
      await draining.stop()
      await drain()
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
