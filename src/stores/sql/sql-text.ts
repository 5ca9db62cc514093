// Small parts of SQL text and of answers that the adapters share.
import type { SqlSession } from './sql.ts'

/** `a.b` -> `"a"."b"`. */
export const identifier = (name: string): string =>
  name
    .split('.')
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')

/** The target of a COPY: `"table" ("one", "two")`. */
export const copyTarget = (table: string, columns: readonly string[]): string =>
  `${identifier(table)} (${columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(', ')})`

/** How values of a type arrive, by the type's oid: BIGINT and NUMERIC as numbers, DATE as `YYYY-MM-DD`, TIMESTAMP as UTC. */
export const valueReaders: Readonly<Record<number, (text: string) => unknown>> = {
  20: Number,
  1700: Number,
  1082: (text) => text,
  1114: (text) => new Date(`${text.replace(' ', 'T')}Z`),
}

/**
 * Runs the work of a transaction. When a statement failed and the work went on regardless, the failure is thrown at its
 * end: a Postgres would answer the commit with a silent rollback.
 */
export async function withoutSwallowedErrors<T>(
  session: SqlSession,
  work: (session: SqlSession) => Promise<T>,
): Promise<T> {
  const failures: unknown[] = []
  const noted = async <R>(answer: Promise<R>): Promise<R> => {
    try {
      return await answer
    } catch (error) {
      failures.push(error)
      throw error
    }
  }
  const result = await work({
    query: (text, values) => noted(session.query(text, values)),
    copyIn: (table, columns, csv) => noted(session.copyIn(table, columns, csv)),
  })
  if (failures.length > 0) throw failures[0]
  return result
}
