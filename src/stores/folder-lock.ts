// One process at a time: claims beside a folder, which die with the process that made them.
import { randomUUID } from 'node:crypto'
import { open, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { TastemakerError } from '../errors.ts'
import { isRunning, pidOf, thisProcess } from './process-identity.ts'

/** A lock that is held. */
export type FolderLock = { release(): Promise<void> }

/**
 * Takes the lock of a folder. Each contender first creates its own file `<folder>.lock-<pid>-<boot>-<start>-<uuid>`
 * and then looks for others, so of two at least one sees the other. Names are never used twice, so the claim of a
 * dead process can be removed by anybody at any time.
 * Throws `conflict` with the holder's pid. The parent folder must exist.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const prefix = `${basename(folder)}.lock-`
  const mine = `${prefix}${thisProcess}-${randomUUID()}`
  const path = join(dirname(folder), mine)
  await (await open(path, 'wx')).close()
  try {
    const holder = await firstOther(dirname(folder), prefix, mine)
    if (holder !== undefined) throw heldBy(folder, holder)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return { release: () => rm(path, { force: true }) }
}

const heldBy = (folder: string, claim: string): TastemakerError =>
  new TastemakerError(
    'conflict',
    `${folder} is in use by process ${pidOf(claim)}. Stop that process, or give this one another folder.`,
  )

/** Contenders that arrive together would all give up: the first by name waits a moment for the others to leave. */
async function firstOther(parent: string, prefix: string, mine: string): Promise<string | undefined> {
  for (let attempt = 0; ; attempt++) {
    const others = await livingClaims(parent, prefix, mine)
    const [first] = others
    if (first === undefined || first < mine || attempt === 10) return first
    await pause(20)
  }
}

async function livingClaims(parent: string, prefix: string, mine: string): Promise<readonly string[]> {
  const claims = (await readdir(parent)).filter((name) => name.startsWith(prefix) && name !== mine)
  const living: string[] = []
  for (const claim of claims.sort()) {
    if (isRunning(claim.slice(prefix.length))) living.push(claim)
    else await rm(join(parent, claim), { force: true })
  }
  return living
}
