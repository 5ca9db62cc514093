// Opens everything a job may need from the settings, and closes what was opened.
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import { createScratch } from '../engine/files.ts'
import { openEngine, openWorkers, processorCount, revectorize } from '../engine/open.ts'
import type { JobContext, Progress } from '../jobs/context.ts'
import { usePlainKernels } from '../kernels/simd.ts'
import { createLog, silentLog } from '../log.ts'
import { openLists, openObjects, openSql } from '../stores/open.ts'
import { readPseudonymKey } from './pseudonym-key.ts'

/** An open context, and how to close it. */
export type OpenContext = { readonly context: JobContext; readonly close: () => Promise<void> }

/** How a context reports. */
export type ContextOptions = {
  readonly progress: Progress
  /** Receives log lines; default: nothing is logged. */
  readonly writeLog?: (line: string) => void
}

/** Opens a context. Postgres, the SQL engine and the threads start at their first use. */
export async function openContext(settings: Settings, options: ContextOptions): Promise<OpenContext> {
  const closers: (() => Promise<void>)[] = []
  const lazily = <T extends { close(): Promise<void> }>(open: () => Promise<T>): (() => Promise<T>) => {
    let opened: Promise<T> | undefined
    closers.push(async () => (await opened)?.close())
    return () => {
      opened ??= open()
      return opened
    }
  }
  if (settings.kernels === 'plain') usePlainKernels()
  if (settings.kernels === 'revectorized') revectorize()
  const threads = settings.threads || processorCount()
  const scratch = await createScratch(join(settings.data, 'scratch'))
  const workers = openWorkers({ threads })
  const lists = await openLists(settings.listsUrl)
  closers.push(
    () => workers.close(),
    () => lists.close(),
  )
  const now = () => Date.now()
  const context: JobContext = {
    settings,
    rawEvents: await openObjects(settings.eventsUrl),
    objects: await openObjects(settings.objectsUrl),
    lists,
    sql: lazily(() => openSql(settings.sqlUrl)),
    accounts: lazily(() => openSql(settings.accountsUrl)),
    engine: lazily(() => openEngine({ threads, tempDir: scratch.dir })),
    workers,
    scratch,
    pseudonymKey: settings.pseudonymKey || (await readPseudonymKey(settings.data)),
    now,
    log: options.writeLog ? createLog(options.writeLog, now) : silentLog,
    progress: options.progress,
  }
  const close = async () => {
    await Promise.allSettled(closers.map((closer) => closer()))
    await scratch.close()
  }
  return { context, close }
}
