// One segment of a journal while lines are being appended to it.
import { constants } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../durable-folder.ts'
import { identityPattern, thisProcess } from '../process-identity.ts'

/** A segment that lines can be appended to; one call at a time. */
export type OpenSegment = {
  readonly name: string
  /** Bytes written so far. */
  durableBytes(): number
  /** Appends bytes; on disk when it resolves. After a rejection only `seal` may be called. */
  write(parts: readonly Buffer[]): Promise<void>
  /** Closes it behind its last durable byte and gives it its final name. */
  seal(): Promise<void>
}

const openName = new RegExp(String.raw`^(\d+-\d+-\d+)\.open-(${identityPattern.source})$`)

/** Creates `<name>.open-<process identity>`, to become `<name>.ndjson`. */
export async function createSegment(folder: string, name: string): Promise<OpenSegment> {
  const path = join(folder, `${name}.open-${thisProcess}`)
  const handle = await createDurably(path, folder)
  let durableBytes = 0
  return {
    name,
    durableBytes: () => durableBytes,
    async write(parts) {
      const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      await writeWhole(handle, bytes, durableBytes)
      durableBytes += bytes.length
    },
    async seal() {
      try {
        await handle.truncate(durableBytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      if (durableBytes > 0) await rename(path, join(folder, `${name}.ndjson`))
      else await rm(path)
      await syncFolder(folder)
    },
  }
}

async function createDurably(path: string, folder: string): Promise<FileHandle> {
  const { O_CREAT, O_EXCL, O_WRONLY, O_DSYNC } = constants
  // O_DSYNC: a write returns when its bytes are on disk, as write and fdatasync do, with one call instead of two.
  const handle = await open(path, O_CREAT | O_EXCL | O_WRONLY | O_DSYNC)
  try {
    await syncFolder(folder)
    return handle
  } catch (error) {
    await handle.close()
    await rm(path, { force: true })
    throw error
  }
}

async function writeWhole(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Of an open segment's file name: the segment's name and the process that writes to it; undefined for other files. */
export function ownerOf(file: string): { readonly name: string; readonly identity: string } | undefined {
  const [, name, identity] = openName.exec(file) ?? []
  return name === undefined || identity === undefined ? undefined : { name, identity }
}

/** Cuts what follows the last newline of a dead process's segment; resolves to true when nothing is left. */
export async function cutTornTail(path: string): Promise<boolean> {
  const handle = await open(path, 'r+')
  try {
    const { size } = await handle.stat()
    const end = await endOfLastLine(handle, size)
    if (end < size) await handle.truncate(end)
    await handle.sync()
    return end === 0
  } finally {
    await handle.close()
  }
}

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(64 * 1024)
  for (let to = size; to > 0; ) {
    const from = Math.max(0, to - block.length)
    const { bytesRead } = await handle.read(block, 0, to - from, from)
    const at = block.subarray(0, bytesRead).lastIndexOf(0x0a)
    if (at >= 0) return from + at + 1
    to = from
  }
  return 0
}
