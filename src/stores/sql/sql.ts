// The port for SQL: a Postgres, embedded or real.

/** A value to bind to `$1`, `$2`, ... */
export type SqlValue = string | number | boolean | null | readonly string[] | readonly number[]

/** One row, by column name. `bigint` columns arrive as numbers. */
export type SqlRow = Readonly<Record<string, unknown>>

/** What can be asked inside and outside a transaction. */
export type SqlSession = {
  /** One statement with bound values; rows as objects. */
  query(text: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>
  /**
   * Bulk load: CSV (RFC 4180, no header, empty unquoted field is null) into `table (columns)`.
   * @returns number of rows loaded
   */
  copyIn(table: string, columns: readonly string[], csv: AsyncIterable<Uint8Array>): Promise<number>
}

/** An open Postgres. */
export type Sql = SqlSession & {
  /** Runs `work` in one transaction: all of it is kept, or none when it throws. */
  transaction<T>(work: (session: SqlSession) => Promise<T>): Promise<T>
  close(): Promise<void>
}
