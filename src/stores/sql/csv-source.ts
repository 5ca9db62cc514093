// The caller's CSV on its way into a COPY, so that its failures can be told from the store's.
import { sqlError } from './sql-error.ts'

/** CSV that remembers whether it was its source that failed. */
export type CsvSource = {
  readonly csv: AsyncIterable<Uint8Array>
  /** The source's own error as it was thrown; any other as the store's. */
  errorOf(error: unknown): unknown
}

/** Wraps CSV, to be read once. */
export function createCsvSource(csv: AsyncIterable<Uint8Array>): CsvSource {
  const failures: unknown[] = []
  async function* watched(): AsyncIterable<Uint8Array> {
    try {
      yield* csv
    } catch (error) {
      failures.push(error)
      throw error
    }
  }
  return { csv: watched(), errorOf: (error) => (failures.length > 0 ? failures[0] : sqlError(error)) }
}
