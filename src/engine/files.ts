// Files of this machine for heavy work: scratch folders, long files written by line and read by chunk.
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { TastemakerError } from '../errors.ts'

/** A folder for files that nobody needs later. */
export type Scratch = {
  /** Absolute path. */
  readonly dir: string
  /** Path of a file in it; the name holds no `/`. */
  file(name: string): string
  /** Removes the folder with all in it; twice is fine. */
  close(): Promise<void>
}

/** Writes a text file line by line. */
export type LineWriter = {
  /** Adds a line and its newline. Await what it returns, if anything: the disk is behind. Rejects with `outside`. */
  write(line: string): void | Promise<void>
  /** Writes the rest. Rejects with `outside` when any line could not be written. */
  close(): Promise<void>
}

/** Writes a file of bytes, front to back. */
export type ByteWriter = {
  /** Adds bytes, which must not change any more. Awaiting each keeps the disk in step. Rejects with `outside`. */
  write(bytes: Uint8Array): Promise<void>
  /** Waits for all that was written. Rejects with `outside` when any of it could not be. */
  close(): Promise<void>
}

const bufferChars = 1024 * 1024

/** Scratch folders of this process that are in use. */
const inUse = new Set<string>()

/** Makes a scratch folder below `parent` (made when absent), and removes those that dead processes left there. */
export async function createScratch(parent: string): Promise<Scratch> {
  const name = `scratch-${process.pid}-${randomUUID()}`
  const dir = join(resolve(parent), name)
  inUse.add(name)
  try {
    await mkdir(dir, { recursive: true })
    await removeAbandoned(resolve(parent))
  } catch (error) {
    throw outside(error, `Could not make a scratch folder in ${parent}`)
  }
  return {
    dir,
    file(fileName) {
      if (/^[^/\0]+$/.test(fileName) && fileName !== '.' && fileName !== '..') return join(dir, fileName)
      throw new TastemakerError('bad-argument', `${JSON.stringify(fileName)} cannot be a file's name.`)
    },
    async close() {
      await rm(dir, { recursive: true, force: true })
      inUse.delete(name)
    },
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = Number(/^scratch-(\d+)-/.exec(name)?.[1] ?? 0)
    if (pid > 0 && !isUsed(name, pid)) await rm(join(parent, name), { recursive: true, force: true })
  }
}

/** A folder with this process's pid that it did not make is from an earlier life of the pid (a container's pid 1). */
function isUsed(name: string, pid: number): boolean {
  if (pid === process.pid) return inUse.has(name)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Creates or replaces a file; lines gather to about 1 MB before they go to the disk. */
export async function createLineWriter(path: string): Promise<LineWriter> {
  const handle = await open(path, 'w').catch((error) => {
    throw outside(error, `Could not create ${path}`)
  })
  let buffer = ''
  let writing: Promise<void> = Promise.resolve()
  const flush = (): Promise<void> => {
    const bytes = Buffer.from(buffer)
    buffer = ''
    const previous = writing
    writing = previous.then(() => handle.writeFile(bytes))
    // Its failure is thrown by the next flush or by close.
    writing.catch(() => undefined)
    return previous.catch((error) => {
      throw outside(error, `Could not write ${path}`)
    })
  }
  return {
    write(line) {
      buffer += `${line}\n`
      return buffer.length >= bufferChars ? flush() : undefined
    },
    async close() {
      try {
        await flush()
        await writing
      } catch (error) {
        throw outside(error, `Could not write ${path}`)
      } finally {
        await handle.close()
      }
    },
  }
}

/** Creates or replaces a file of bytes. */
export async function createByteWriter(path: string): Promise<ByteWriter> {
  const handle = await open(path, 'w').catch((error) => {
    throw outside(error, `Could not create ${path}`)
  })
  let written: Promise<void> = Promise.resolve()
  return {
    write(bytes) {
      const writing = written.then(() => handle.writeFile(bytes))
      written = writing
      // Its failure is also thrown by close.
      writing.catch(() => undefined)
      return writing.catch((error) => {
        throw outside(error, `Could not write ${path}`)
      })
    },
    async close() {
      try {
        await written
      } catch (error) {
        throw outside(error, `Could not write ${path}`)
      } finally {
        await handle.close()
      }
    },
  }
}

/** The bytes of a file in chunks of up to 1 MB, each the reader's to keep. Throws `not-found`. */
export async function* readChunks(path: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1024 * 1024 })
  } catch (error) {
    throw outside(error, `Could not read ${path}`)
  }
}

/** Bytes in a file. Throws `not-found`. */
export async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    throw outside(error, `Could not read ${path}`)
  }
}

function outside(error: unknown, what: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (error instanceof TastemakerError || code === undefined) return error
  return new TastemakerError(code === 'ENOENT' ? 'not-found' : 'outside', `${what}: ${code}.`, {
    cause: error,
  })
}
