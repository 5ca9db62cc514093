// The port for heavy SQL over files: embedded, or a cluster's.

/** Columns of a result: numbers as Float64Array (null is NaN), everything else as strings or null. */
export type EngineColumns = Readonly<Record<string, Float64Array | readonly (string | null)[]>>

/** An SQL engine that reads and writes Parquet, NDJSON and CSV files of this machine. */
export type Engine = {
  /** Runs one or more statements for their effect. */
  run(sql: string): Promise<void>
  /** Rows as objects: BIGINT as number, LIST and STRUCT as arrays and objects. For results up to some ten thousand rows. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** A large result by column; numeric columns only as numbers, VARCHAR as strings. */
  columns(sql: string): Promise<EngineColumns>
  close(): Promise<void>
}

/** Quotes a string for SQL: `it's` -> `'it''s'`. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
