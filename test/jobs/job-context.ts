// A whole job context in memory, for tests of jobs: every store is the real one, nothing is left behind.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../../src/config.ts'
import { createScratch } from '../../src/engine/files.ts'
import { openEngine, openWorkers } from '../../src/engine/open.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import type { LogFields } from '../../src/log.ts'
import { openLists, openObjects, openSql } from '../../src/stores/open.ts'
import type { Sql } from '../../src/stores/sql/sql.ts'

/** 2026-03-01T00:00:00Z: what the clock of the context says at first. */
export const startAt = Date.UTC(2026, 2, 1)

/** A context, the log it wrote, and the clock to move. */
export type TestContext = {
  readonly context: JobContext
  readonly logged: { readonly level: string; readonly fact: string; readonly fields: LogFields }[]
  readonly clock: { now: number }
  readonly close: () => Promise<void>
}

/** One embedded Postgres a test file: it takes seconds to start. */
let postgres: Promise<Sql> | undefined

async function emptyPostgres(): Promise<Sql> {
  postgres ??= openSql('pglite:memory')
  const sql = await postgres
  await sql.query('drop schema public cascade')
  await sql.query('create schema public')
  return sql
}

/** Opens a context; at most one at a time has Postgres to itself. `flags` are settings by their paths: `{ 'ingest.land': false }`. */
export async function openTestContext(flags: Readonly<Record<string, unknown>> = {}): Promise<TestContext> {
  const nested: Record<string, Record<string, unknown>> = {}
  for (const [path, value] of Object.entries(flags)) {
    const [section = '', name = ''] = path.split('.')
    nested[section] = { ...nested[section], [name]: value }
  }
  const scratch = await createScratch(join(tmpdir(), 'tastemaker-job-tests'))
  const workers = openWorkers({ threads: 0 })
  const engine = await openEngine({ threads: 1, tempDir: scratch.dir })
  const lists = await openLists('memory:')
  const sql = await emptyPostgres()
  const logged: { level: string; fact: string; fields: LogFields }[] = []
  const clock = { now: startAt }
  const context: JobContext = {
    settings: readSettings({ flags: nested }),
    rawEvents: await openObjects('memory:'),
    objects: await openObjects('memory:'),
    lists,
    sql: async () => sql,
    accounts: async () => sql,
    engine: async () => engine,
    workers,
    scratch,
    pseudonymKey: 'an invented key for tests, 32 long',
    now: () => clock.now,
    log: (level, fact, fields = {}) => void logged.push({ level, fact, fields }),
    progress: () => undefined,
  }
  const close = async () => {
    await Promise.all([workers.close(), engine.close(), lists.close()])
    await scratch.close()
  }
  return { context, logged, clock, close }
}
