// The port for lists: small values by key, read in microseconds, written in bulk.

/** A key with its value. */
export type ListEntry = readonly [key: string, value: Uint8Array]

/** A cache of ranked lists and profiles. Keys are at most 500 bytes of UTF-8. */
export type ListStore = {
  /** The value of a key, or undefined. */
  get(key: string): Promise<Uint8Array | undefined>
  /** Writes all entries as one atomic, durable step: readers in any process see none or all of them. */
  putMany(entries: Iterable<ListEntry>): Promise<void>
  /** Keys that begin with `prefix` and come after `after` (exclusive), ascending, at most `limit`. */
  keys(
    prefix: string,
    options: { readonly after?: string; readonly limit: number },
  ): Promise<readonly string[]>
  /** Removes all keys that begin with `prefix`; resolves to how many there were. */
  deletePrefix(prefix: string): Promise<number>
  close(): Promise<void>
}
