// SQL in a real Postgres server, through a pool of connections.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool, type PoolClient, types } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { TastemakerError } from '../../errors.ts'
import { connectionTerms, refusal } from './connection.ts'
import { createCsvSource } from './csv-source.ts'
import type { Sql, SqlSession } from './sql.ts'
import { sqlError } from './sql-error.ts'
import { copyTarget, valueReaders, withoutSwallowedErrors } from './sql-text.ts'

/** Pauses before the second and later attempts to connect. */
const pausesMs = [100, 300, 900, 2700]

/** Not there yet, starting, restarting, or full: worth another attempt. */
const passing = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN', '57P03', '53300'])

/**
 * Connects to `postgres://user:password@host:port/database`, by TLS as its parameters say (see `connectionTerms`);
 * throws `outside` when nobody answers after some attempts, or who answers is not who was asked for.
 */
export async function openPostgres(url: string): Promise<Sql> {
  const pool = createPool(url)
  try {
    ;(await connect(pool)).release()
  } catch (error) {
    await pool.end()
    throw error
  }
  return {
    query: (text, values) => withClient(pool, (client) => session(client).query(text, values)),
    copyIn: (table, columns, csv) =>
      withClient(pool, (client) => session(client).copyIn(table, columns, csv)),
    transaction: (work) => withClient(pool, (client) => transact(client, work)),
    close: () => pool.end(),
  }
}

function createPool(url: string): Pool {
  const pool = new Pool({
    ...connectionTerms(url),
    connectionTimeoutMillis: 10_000,
    types: { getTypeParser: readerOf as typeof types.getTypeParser },
    onConnect: async (client) => {
      await client.query("set time zone 'UTC'")
    },
  })
  // An idle connection that breaks leaves the pool by itself; without a listener it would end the process.
  pool.on('error', () => {})
  return pool
}

const arraysOfNumbers = [1016, 1231]

function readerOf(oid: number, format?: 'text'): (text: string) => unknown {
  const known = types.getTypeParser(oid, format) as (text: string) => unknown
  if (arraysOfNumbers.includes(oid))
    return (text) => (known(text) as (string | null)[]).map((item) => (item === null ? null : Number(item)))
  return valueReaders[oid] ?? known
}

async function connect(pool: Pool): Promise<PoolClient> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await pool.connect()
    } catch (error) {
      const pauseMs = pausesMs[attempt]
      if (pauseMs === undefined || !passing.has((error as { code?: string }).code ?? '')) throw refusal(error)
      await pause(pauseMs)
    }
  }
}

/** A connection is used again when its work went well, or when it was the server that refused it. */
async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await connect(pool)
  let usable = true
  const breaks = (): void => {
    usable = false
  }
  client.on('error', breaks)
  try {
    return await work(client)
  } catch (error) {
    usable &&= error instanceof TastemakerError && error.code !== 'outside'
    throw error
  } finally {
    client.off('error', breaks)
    client.release(!usable)
  }
}

/** The work's own errors pass through as they are. */
async function transact<T>(client: PoolClient, work: (session: SqlSession) => Promise<T>): Promise<T> {
  const own = session(client)
  await own.query('begin')
  try {
    const result = await withoutSwallowedErrors(own, work)
    await own.query('commit')
    return result
  } catch (error) {
    // When the connection is gone the server has rolled back by itself.
    await own.query('rollback').catch(() => undefined)
    throw error
  }
}

function session(client: PoolClient): SqlSession {
  return {
    async query(text, values = []) {
      try {
        return (await client.query(text, [...values])).rows
      } catch (error) {
        throw sqlError(error)
      }
    },
    async copyIn(table, columns, csv) {
      const source = createCsvSource(csv)
      const statement = `copy ${copyTarget(table, columns)} from stdin with (format csv)`
      try {
        const copy = client.query(copyFrom(statement))
        await pipeline(Readable.from(source.csv, { objectMode: false }), copy)
        return copy.rowCount
      } catch (error) {
        throw source.errorOf(error)
      }
    },
  }
}
