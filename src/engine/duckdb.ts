// The embedded SQL engine: DuckDB over files of this machine.
import { mkdir } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { TastemakerError } from '../errors.ts'
import { readColumns } from './duckdb-columns.ts'
import type { Engine } from './engine.ts'

/** What the engine may use. */
export type DuckDbOptions = {
  /** Threads of its own. */
  readonly threads: number
  /** Such as `4GB`; what does not fit is spilled to `tempDir`. Default: 80 % of the machine's memory. */
  readonly memoryLimit?: string
  /** Folder for what does not fit in memory, made when absent. */
  readonly tempDir: string
}

/**
 * Opens an engine with a database in memory, in UTC, that keeps the order of inserted rows.
 * Calls run one after the other, on one connection: temporary tables and settings last. Throws `outside` with the cause.
 */
export async function openDuckDb(options: DuckDbOptions): Promise<Engine> {
  const instance = await guarded('open', async () => {
    await mkdir(options.tempDir, { recursive: true })
    return DuckDBInstance.create(':memory:', {
      threads: String(options.threads),
      temp_directory: options.tempDir,
      preserve_insertion_order: 'true',
      ...(options.memoryLimit !== undefined && { memory_limit: options.memoryLimit }),
    })
  })
  const connection = await guarded('open', async () => {
    const opened = await instance.connect()
    await opened.run("set timezone = 'UTC'")
    return opened
  })
  const inTurn = createTurns()
  const ask = <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> =>
    inTurn(() => guarded('run', () => work(connection)))
  return {
    run: (sql) => ask(async (on) => void (await on.run(sql))),
    rows: (sql) =>
      ask(async (on) => (await (await on.run(sql)).getRowObjectsJS()).map((row) => plain(row) as Row)),
    columns: (sql) => ask(async (on) => readColumns(await on.stream(sql))),
    close: () =>
      inTurn(async () => {
        connection.closeSync()
        instance.closeSync()
      }),
  }
}

type Row = Readonly<Record<string, unknown>>

/** Big integers become numbers, however deep; dates and bytes stay. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  if (value instanceof Date || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}

function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}

async function guarded<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof TastemakerError) throw error
    // The first words are the kind of error (`Parser Error`); the rest may quote data.
    const kind =
      error instanceof Error ? (/^[A-Za-z ]+ Error/.exec(error.message)?.[0] ?? error.name) : 'Error'
    throw new TastemakerError('outside', `The SQL engine could not ${action}: ${kind}.`, { cause: error })
  }
}
