// Objects as files of a local folder: whole and durable, or not there.
import { randomUUID } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { TastemakerError } from '../../errors.ts'
import { diskError, errorCode, makeFolder, syncFolder } from '../durable-folder.ts'
import { checkKey, checkPrefix, compareBytes, reservedPart } from './object-key.ts'
import type { ObjectBody, ObjectInfo, ObjectStore } from './object-store.ts'

const leftoverAgeMs = 24 * 60 * 60 * 1000

/**
 * Opens a folder as an object store, made when absent. Any number of processes may share it.
 * A key is a path below it, so no key may be a folder of another one (`a` beside `a/b`): that is a `conflict`.
 */
export async function openFolderObjects(folder: string): Promise<ObjectStore> {
  const root = resolve(folder)
  const fresh = join(root, reservedPart)
  try {
    await makeFolder(fresh)
    await removeLeftovers(fresh)
  } catch (error) {
    throw diskError(error, `Could not open the object store ${folder}`)
  }
  const parents = createParents(root)
  const pathOf = (key: string): string => {
    checkKey(key)
    return join(root, key)
  }
  return {
    async put(key, body, options = {}) {
      const target = pathOf(key)
      const temporary = join(fresh, randomUUID())
      try {
        await writeDurably(temporary, body)
        await parents.make(dirname(target))
        const written = await publish(temporary, target, options.ifAbsent ?? false)
        await syncFolder(dirname(target))
        return written
      } catch (error) {
        return fail(error, `Could not write the object ${key}`)
      } finally {
        await rm(temporary, { force: true })
      }
    },
    async get(key) {
      const bytes = await readFile(pathOf(key)).catch((error) => missing(error, key))
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    },
    list: (prefix) => listBelow(root, prefix),
    async delete(key) {
      const path = pathOf(key)
      try {
        await rm(path)
        await syncFolder(dirname(path))
      } catch (error) {
        if (!isAbsent(error)) fail(error, `Could not delete the object ${key}`)
      }
    },
    async localFile(key) {
      const path = pathOf(key)
      const found = await stat(path).catch((error) => missing(error, key))
      return found.isFile() ? path : missing(undefined, key)
    },
  }
}

/** Parent folders, each made durable once per process even when another process made it a moment ago. */
function createParents(root: string): { make(folder: string): Promise<void> } {
  const durable = new Set<string>([root])
  return {
    async make(folder) {
      if (durable.has(folder)) return
      await mkdir(folder, { recursive: true })
      for (let at = folder; at !== root && !durable.has(at); at = dirname(at)) await syncFolder(dirname(at))
      for (let at = folder; at !== root; at = dirname(at)) durable.add(at)
    },
  }
}

async function writeDurably(path: string, body: ObjectBody): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(body)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Both steps are atomic: `link` refuses an existing name, `rename` replaces it. */
async function publish(temporary: string, target: string, ifAbsent: boolean): Promise<boolean> {
  if (!ifAbsent) {
    await rename(temporary, target)
    return true
  }
  try {
    await link(temporary, target)
    return true
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    if ((await stat(target)).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' })
    return false
  }
}

async function* listBelow(root: string, prefix: string): AsyncIterable<ObjectInfo> {
  checkPrefix(prefix)
  const slash = prefix.lastIndexOf('/') + 1
  yield* walk(root, prefix.slice(0, slash), prefix.slice(slash))
}

/** `folder` is empty or ends with a slash; only its entries that begin with `start` are visited. */
async function* walk(root: string, folder: string, start: string): AsyncIterable<ObjectInfo> {
  const keys = await entryKeys(root, folder, start)
  for (let from = 0; from < keys.length; from += statsAtOnce) {
    const some = keys.slice(from, from + statsAtOnce)
    const infos = await Promise.all(some.map((key) => (isFolder(key) ? undefined : infoOf(root, key))))
    for (const [at, key] of some.entries()) {
      if (isFolder(key)) yield* walk(root, key, '')
      else if (infos[at]) yield infos[at]
    }
  }
}

/** Entries looked at together: one by one, 10,000 objects take a second. */
const statsAtOnce = 64

const isFolder = (key: string): boolean => key.endsWith('/')

/** Folders end with a slash, so that `a-b` (0x2d) comes before what is below `a/` (0x2f), as in the order of whole keys. */
async function entryKeys(root: string, folder: string, start: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error): Dirent[] =>
    isAbsent(error) ? [] : fail(error, 'Could not list the object store'),
  )
  return entries
    .filter(({ name }) => name.startsWith(start) && (folder !== '' || name !== reservedPart))
    .filter((entry) => entry.isDirectory() || entry.isFile())
    .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .sort(compareBytes)
}

/** Undefined for an object deleted since its folder was read. */
async function infoOf(root: string, key: string): Promise<ObjectInfo | undefined> {
  try {
    const { size, mtimeNs, ino } = await stat(join(root, key), { bigint: true })
    return { key, sizeBytes: Number(size), tag: `${mtimeNs}-${size}-${ino}` }
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** Temporary files of processes that died while writing. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await stat(path).catch(() => undefined)
    if (found && Date.now() - found.mtimeMs > leftoverAgeMs) await rm(path, { force: true })
  }
}

const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')

function missing(error: unknown, key: string): never {
  if (error !== undefined && !isAbsent(error)) fail(error, `Could not read the object ${key}`)
  throw new TastemakerError('not-found', `There is no object ${key}.`)
}

function fail(error: unknown, what: string): never {
  const code = errorCode(error) ?? ''
  if (['EISDIR', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(code))
    throw new TastemakerError('conflict', `${what}: one key cannot be the folder of another.`, {
      cause: error,
    })
  if (code === 'ENAMETOOLONG')
    throw new TastemakerError('bad-argument', `${what}: the key is too long.`, { cause: error })
  throw diskError(error, what)
}
