// Folders whose entries survive a power cut, and what the outside world's errors become.
import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { TastemakerError } from '../errors.ts'

/** Makes a folder with its parents, and makes their entries durable. */
export async function makeFolder(folder: string): Promise<void> {
  const path = resolve(folder)
  const topMade = await mkdir(path, { recursive: true })
  if (topMade === undefined) return
  for (let at = path; ; at = dirname(at)) {
    await syncFolder(dirname(at))
    if (at === topMade || at === dirname(at)) return
  }
}

/** Makes the entries of a folder durable: names created, renamed and removed in it. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** The code of a system call's error: `ENOENT`, `EEXIST`, ... */
export const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code

/** An error of the operating system as ours, cause kept; our own pass through. */
export function diskError(error: unknown, what: string): TastemakerError {
  if (error instanceof TastemakerError) return error
  return new TastemakerError('outside', `${what}: ${errorCode(error) ?? 'failed'}.`, { cause: error })
}
