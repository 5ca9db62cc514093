// A temporary folder of this process, removed at its end; those of processes that were killed are removed by the next.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identityPattern, isRunning, thisProcess } from '../process-identity.ts'

const prefix = 'tastemaker-objects-'

const folders = new Set<string>()

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

/** Makes an empty folder below the system's folder for temporary files (`TMPDIR`). */
export function makeProcessFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const isOurs = name.startsWith(prefix) && identityPattern.test(name)
    if (isOurs && !isRunning(name)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
  const made = mkdtempSync(join(tmpdir(), `${prefix}${thisProcess}-`))
  if (folders.size === 0) process.once('exit', removeAll)
  folders.add(made)
  return made
}
