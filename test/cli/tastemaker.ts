// Runs the real command line in a process of its own, on a data folder that is removed afterwards.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a finished command left behind. */
export type Finished = { readonly code: number | null; readonly out: string; readonly notes: string }

/** Settings that make a run short without leaving anything out. */
export const quick = [
  '--set',
  'models.als.factors=8',
  '--set',
  'models.als.iterations=4',
  '--set',
  'evaluation.bootstrapRounds=20',
  '--set',
  'threads=2',
]

/** A new empty data folder. */
export const newDataFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'tastemaker-test-'))

/** Removes a data folder. */
export const removeFolder = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

/** Starts a command; its output is gathered in `read()`. */
export function start(words: readonly string[]): {
  readonly child: ChildProcess
  readonly read: () => Finished
  readonly ended: Promise<Finished>
} {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('TASTEMAKER_')),
  )
  const child = spawn(process.execPath, ['src/cli/main.ts', ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, notes] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (notes += chunk))
  const read = (): Finished => ({ code: child.exitCode, out, notes })
  const ended = new Promise<Finished>((resolve) => child.once('close', () => resolve(read())))
  return { child, read, ended }
}

/** Runs a command to its end. */
export const tastemaker = (...words: readonly string[]): Promise<Finished> => start(words).ended

/** Runs a command that must succeed, and parses its `--json` output. */
export async function json(...words: readonly string[]): Promise<unknown> {
  const { code, out, notes } = await tastemaker(...words, '--json')
  if (code !== 0) throw new Error(`tastemaker ${words.join(' ')} ended with ${code}: ${notes}`)
  return JSON.parse(out)
}

/** Starts `serve` on a free port and resolves with its address once it answers. */
export async function serve(
  ...words: readonly string[]
): Promise<{ readonly url: string; readonly child: ChildProcess; readonly ended: Promise<Finished> }> {
  const { child, read, ended } = start(['serve', '--port', '0', '--no-refresh', '--json', ...words])
  while (!read().out.includes('\n')) {
    if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}: ${read().notes}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { url: (JSON.parse(read().out.split('\n')[0]!) as { url: string }).url, child, ended }
}
