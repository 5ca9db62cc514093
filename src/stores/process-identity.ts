// Which process something on disk belongs to, and whether that process still lives.
import { readFileSync } from 'node:fs'

/**
 * This process as a word for file names, `<pid>-<boot>-<start>`: boot and start (clock ticks since boot) tell it from
 * a later process with the same pid, such as pid 1 of a restarted container. Off Linux both are `0`.
 */
export const thisProcess: string = `${process.pid}-${bootId()}-${startTicks(process.pid) ?? '0'}`

/** The shape of such a word, to be found within a file name: groups are the pid, the boot and the start. */
export const identityPattern = /(\d+)-([0-9a-f]+)-(\d+)/

/**
 * Says whether the process of an identity still runs on this machine. Processes of another machine or container that
 * shares the disk cannot be seen and count as dead: a folder belongs to one machine at a time.
 */
export function isRunning(identity: string): boolean {
  const [, pid, boot, start] = identityPattern.exec(identity) ?? []
  if (pid === undefined || !answersSignals(Number(pid))) return false
  if (start === '0') return true
  return boot === bootId() && start === startTicks(Number(pid))
}

/** The pid in an identity. */
export const pidOf = (identity: string): number => Number(identityPattern.exec(identity)?.[1] ?? 0)

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function bootId(): string {
  return (readIfThere('/proc/sys/kernel/random/boot_id') ?? '0').slice(0, 8)
}

/** Undefined for a process that is gone, is a zombie, or cannot be looked at. */
function startTicks(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  // The name in parentheses may hold spaces; the state follows it, and the start is 19 fields later (man 5 proc).
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19]
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
