// The secrets of a data folder, each made once and kept for its owner only; the pseudonyms' has one key a line.
import { randomBytes } from 'node:crypto'
import { unwatchFile, watchFile } from 'node:fs'
import { link, open, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import { TastemakerError } from '../errors.ts'
import { createPseudonymizer } from '../ingest/pseudonym.ts'
import { makeDataFolder } from './data-folder.ts'

/** Reads the pseudonym keys of a data folder, making the first at first use. */
export const readPseudonymKey = (data: string): Promise<string> => readSecret(data, 'pseudonym.key')

/**
 * The pseudonyms of a process that goes on: a key that another process adds is taken up within about a second.
 * `close` ends the watching.
 */
export async function openPseudonyms(
  settings: Pick<Settings, 'data' | 'pseudonymKey'>,
): Promise<{ readonly pseudonymize: (userId: string) => string; readonly close: () => void }> {
  if (settings.pseudonymKey !== '')
    return { pseudonymize: createPseudonymizer(settings.pseudonymKey), close: () => undefined }
  let pseudonymize = createPseudonymizer(await readPseudonymKey(settings.data))
  const path = keyPath(settings.data)
  const takeUp = async () => {
    const keys = await readKey(path).catch(() => undefined)
    if (keys !== undefined) pseudonymize = createPseudonymizer(keys)
  }
  watchFile(path, { interval: 1000, persistent: false }, takeUp)
  return { pseudonymize: (userId) => pseudonymize(userId), close: () => unwatchFile(path, takeUp) }
}

/** Reads a secret of the data folder, making it at first use. Two processes at once end with the same one. */
export async function readSecret(data: string, name: string): Promise<string> {
  const path = join(data, name)
  await makeDataFolder(data)
  const existing = await readKey(path)
  if (existing !== undefined) return existing
  const draft = await writeDraft(path, newKey())
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await unlink(draft)
  return (await readKey(path)) ?? ''
}

/** The keys of a data folder with a new one behind them, as they are to be; nothing is written. */
export async function nextPseudonymKeys(data: string): Promise<string> {
  return `${await readPseudonymKey(data)}\n${newKey()}`
}

/** Makes `keys` the keys of the data folder, in one durable step. */
export async function addPseudonymKey(data: string, keys: string): Promise<void> {
  await rename(await writeDraft(keyPath(data), keys), keyPath(data))
  const folder = await open(data)
  await folder.sync()
  await folder.close()
}

const keyPath = (data: string): string => join(data, 'pseudonym.key')

const newKey = (): string => randomBytes(32).toString('base64url')

async function writeDraft(path: string, keys: string): Promise<string> {
  const draft = `${path}.${process.pid}`
  const file = await open(draft, 'w', 0o600)
  await file.writeFile(keys)
  await file.sync()
  await file.close()
  return draft
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    const key = (await readFile(path, 'utf8')).trim()
    if (key.length < 32)
      throw new TastemakerError('corrupt', `${path} holds no key of 32 characters; restore it from a backup.`)
    return key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
