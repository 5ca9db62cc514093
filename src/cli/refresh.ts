// The scheduler: every few hours a run of the pipeline in a process of its own, so that a crash never takes the answers down.
import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '../log.ts'

/** When and how to run the pipeline. */
export type RefreshOptions = {
  readonly flags: readonly string[]
  readonly everyMs: number
  /** When lists were last published, ms UTC; 0: never. */
  readonly lastAt: number
  /** Done before each run. */
  readonly before: () => Promise<unknown>
  readonly now: () => number
  readonly log: Log
}

const longestTimerMs = 2 ** 31 - 1

/** Runs the pipeline when it is due and again after each interval, until stopped. A run that fails is tried again after a tenth of the interval. */
export function startRefreshing(options: RefreshOptions): { readonly stop: () => void } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let child: ReturnType<typeof spawn> | undefined
  const schedule = (inMs: number) => {
    if (stopped) return
    timer = setTimeout(run, Math.min(longestTimerMs, Math.max(1000, inMs)))
    timer.unref()
  }
  const run = async () => {
    try {
      await options.before()
      child = spawnRun(options.flags)
      const code = await new Promise((resolve, reject) => {
        child?.once('exit', resolve)
        child?.once('error', reject)
      })
      options.log(code === 0 ? 'info' : 'error', 'refresh.ended', { code: Number(code ?? -1) })
      schedule(code === 0 ? options.everyMs : options.everyMs / 10)
    } catch (error) {
      options.log('error', 'refresh.failed', { message: (error as Error).message })
      schedule(options.everyMs / 10)
    } finally {
      child = undefined
    }
  }
  schedule(options.lastAt + options.everyMs - options.now())
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
      child?.kill('SIGTERM')
    },
  }
}

/** Starts `tastemaker run` with this very program. */
function spawnRun(flags: readonly string[]) {
  const here = fileURLToPath(import.meta.url)
  const main = here.replace(/refresh\.[jt]s$/, `main${extname(here)}`)
  return spawn(process.execPath, [main, 'run', '--quiet', ...flags], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
