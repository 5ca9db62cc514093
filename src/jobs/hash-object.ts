// What a worker thread does to tell whether an object is what it was: the SHA-256 of its stored bytes.
import { createHash } from 'node:crypto'
import { readChunks } from '../engine/files.ts'

/** For the thread that loads this module. */
export const hashObjectModule = import.meta.url

/** SHA-256 of a file of this machine, hex. Throws `not-found`. Called by name on a worker thread. @public */
export async function hashObject({ path }: { readonly path: string }): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of readChunks(path)) hash.update(chunk)
  return hash.digest('hex')
}
