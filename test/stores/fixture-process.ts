// Starts a small script as a process of its own, to be killed at a bad moment.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A script that prints a line for each thing it has been promised is safe. */
export type FixtureProcess = {
  readonly pid: number
  /** Resolves with the next line it prints. */
  line(): Promise<string>
  /** Kills it (SIGKILL) some random milliseconds after so many lines; resolves with all lines it printed. */
  killAfterLines(least: number): Promise<readonly string[]>
  kill(): Promise<void>
}

/** Starts `fixtures/<script>` with arguments. */
export function startFixture(script: string, args: readonly string[]): FixtureProcess {
  const path = fileURLToPath(new URL(`./fixtures/${script}`, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  let changed = (): void => {}
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve()
      changed()
    })
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    changed()
  })
  const until = async (enough: number): Promise<void> => {
    while (lines.length < enough) {
      if (child.exitCode !== null) throw new Error(`${script} ended by itself after ${lines.length} lines.`)
      await new Promise<void>((resolve) => {
        changed = resolve
      })
    }
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  let read = 0
  return {
    pid: child.pid ?? 0,
    async line() {
      await until(read + 1)
      return lines[read++]!
    },
    async killAfterLines(least) {
      await until(least)
      await pause(Math.random() * 60)
      await kill()
      return lines
    },
    kill,
  }
}
