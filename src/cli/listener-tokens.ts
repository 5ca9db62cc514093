// The tokens of a data folder: their secret, and the count of revocations by a key that names nobody.
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTokens, type Tokens, userKeyOf } from '../api/tokens.ts'
import { TastemakerError } from '../errors.ts'
import { readSecret } from './pseudonym-key.ts'

type Counts = Readonly<Record<string, number>>

/** How long a revocation may go unnoticed by a server that runs, ms. */
const lookEveryMs = 1000

/** Opens the tokens; a revocation by another process is noticed within a second. */
export async function openTokens(data: string, now: () => number): Promise<Tokens> {
  const path = pathOf(data)
  let seen = { lookedAt: Number.NEGATIVE_INFINITY, changedAt: 0, counts: {} as Counts }
  return createTokens(await readSecret(data, 'token.key'), async (userKey) => {
    if (now() - seen.lookedAt >= lookEveryMs) {
      const changedAt = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
      const counts = changedAt === seen.changedAt ? seen.counts : await readCounts(path)
      seen = { lookedAt: now(), changedAt, counts }
    }
    return seen.counts[userKey] ?? 0
  })
}

/** Makes all tokens of a listener that were handed out so far invalid; one process at a time. */
export async function revokeTokens(data: string, userId: string): Promise<void> {
  const path = pathOf(data)
  const key = userKeyOf(await readSecret(data, 'token.key'), userId)
  const counts = await readCounts(path)
  const draft = `${path}.${process.pid}`
  await writeFile(draft, JSON.stringify({ ...counts, [key]: (counts[key] ?? 0) + 1 }), {
    mode: 0o600,
    flush: true,
  })
  await rename(draft, path)
}

const pathOf = (data: string): string => join(data, 'token-revocations.json')

async function readCounts(path: string): Promise<Counts> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  try {
    return JSON.parse(text) as Counts
  } catch (cause) {
    throw new TastemakerError('corrupt', `${path} is not JSON; restore it from a backup.`, { cause })
  }
}
