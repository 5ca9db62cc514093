// The port for objects: keys with `/`, whole bytes, written once or replaced whole.

/** What a listing says of one object. */
export type ObjectInfo = {
  readonly key: string
  readonly sizeBytes: number
  /** Another one when the bytes have changed, to be compared with an earlier one of the same store; absent where a store knows none. */
  readonly tag?: string
}

/** Bytes to store: at once, or as a stream. */
export type ObjectBody = Uint8Array | AsyncIterable<Uint8Array>

/** An object store: a local folder, S3, or memory. Keys are relative, without `.`/`..` parts, else `bad-argument`. */
export type ObjectStore = {
  /**
   * Stores an object whole and durably (fsync'd where there is a disk): a reader sees the old one, the new one or none, never a part.
   * @param options.ifAbsent create only: leaves an existing object alone and resolves to false
   * @returns true when it was written
   */
  put(key: string, body: ObjectBody, options?: { readonly ifAbsent?: boolean }): Promise<boolean>
  /** The bytes of an object; throws `not-found`. */
  get(key: string): Promise<Uint8Array>
  /** Objects whose key begins with `prefix`, in ascending byte order of their keys. */
  list(prefix: string): AsyncIterable<ObjectInfo>
  /** Removes an object; one that is not there is fine. */
  delete(key: string): Promise<void>
  /** Path of a file on this machine that holds the object's bytes (its own file, or a fetched copy): read only. Throws `not-found`. */
  localFile(key: string): Promise<string>
}
