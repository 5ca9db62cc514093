// The secret behind the pseudonyms: made once, kept in the data folder for its owner only.
import { randomBytes } from 'node:crypto'
import { link, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { TastemakerError } from '../errors.ts'
import { makeDataFolder } from './data-folder.ts'

/** Reads the key of a data folder, making it at first use. Two processes at once end with the same key. */
export async function readPseudonymKey(data: string): Promise<string> {
  const path = join(data, 'pseudonym.key')
  await makeDataFolder(data)
  const existing = await readKey(path)
  if (existing !== undefined) return existing
  const draft = `${path}.${process.pid}`
  const file = await open(draft, 'w', 0o600)
  await file.writeFile(randomBytes(32).toString('base64url'))
  await file.sync()
  await file.close()
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await unlink(draft)
  return (await readKey(path)) ?? ''
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
