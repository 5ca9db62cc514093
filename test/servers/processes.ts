// Programs that tests start and stop: on free ports, by their own process id, with their output kept for the day they fail.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** A program that runs until it is stopped. */
export type Running = {
  /** Says whether it has ended by itself. */
  readonly hasEnded: () => boolean
  /** What it printed, newest last. */
  readonly output: () => string
  /** Ends it: SIGTERM, and SIGKILL when that is not heard within ten seconds. */
  readonly stop: () => Promise<void>
}

/** Starts a program. */
export function startProgram(
  command: readonly [string, ...string[]],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Running {
  const [program, ...words] = command
  const child = spawn(program, words, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (text: string): void => {
    output = (output + text).slice(-20_000)
  }
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  child.on('error', (error) => keep(error.message))
  const killAtExit = (): void => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const hasEnded = (): boolean =>
    child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  return {
    hasEnded,
    output: () => output,
    async stop() {
      process.off('exit', killAtExit)
      if (!hasEnded()) await end(child)
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(late)
}

/** Waits until `isReady` says so; throws with the program's output when it ends before or 60 seconds pass. */
export async function ready(name: string, running: Running, isReady: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline && !running.hasEnded()) {
    if (await isReady().catch(() => false)) return
    await pause(50)
  }
  await running.stop()
  throw new Error(`${name} did not start: ${running.output()}`)
}

/** A TCP port of the loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
