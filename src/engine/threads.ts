// Tasks on worker threads, or in the calling thread when none are wanted.
import { Worker } from 'node:worker_threads'
import { TastemakerError } from '../errors.ts'
import { runTask, type ThreadMessage, toError } from './thread-message.ts'
import type { Workers, WorkerTask } from './workers.ts'

type Job = {
  readonly task: WorkerTask
  readonly onReport: (message: unknown) => void
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

type Thread = { readonly worker: Worker; job: Job | undefined }

/** The entry of a thread: beside this file, source or built. */
const entry = new URL(import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js', import.meta.url)

/**
 * Opens up to `threads` threads, each started when first needed; idle ones keep no process alive. A thread that dies
 * rejects its task with `outside` and is replaced. `close` ends all and rejects what has not finished with `not-ready`.
 */
export function openThreads(threads: number): Workers {
  const all = new Set<Thread>()
  const queue: Job[] = []
  let closed = false

  const next = (): void => {
    while (queue.length > 0) {
      const idle = [...all].find(({ job }) => job === undefined) ?? (all.size < threads ? grow() : undefined)
      if (idle === undefined) return
      begin(idle, queue.shift()!)
    }
  }
  const grow = (): Thread => {
    const thread: Thread = { worker: new Worker(entry), job: undefined }
    all.add(thread)
    thread.worker.on('message', (message: ThreadMessage) => receive(thread, message))
    thread.worker.on('messageerror', (cause) => end(thread, cause))
    thread.worker.on('error', (cause) => end(thread, cause))
    thread.worker.on('exit', () => end(thread))
    return thread
  }
  const begin = (thread: Thread, job: Job): void => {
    thread.job = job
    thread.worker.ref()
    try {
      thread.worker.postMessage(job.task)
    } catch (error) {
      finish(thread)?.reject(error as Error)
    }
  }
  const finish = (thread: Thread): Job | undefined => {
    const { job } = thread
    thread.job = undefined
    thread.worker.unref()
    return job
  }
  const receive = (thread: Thread, message: ThreadMessage): void => {
    if (message.kind === 'report') {
      thread.job?.onReport(message.value)
      return
    }
    const job = finish(thread)
    if (message.kind === 'error') job?.reject(toError(message))
    else job?.resolve(message.value)
    next()
  }
  const end = (thread: Thread, cause?: unknown): void => {
    if (!all.delete(thread)) return
    void thread.worker.terminate()
    const name = thread.job?.task.name
    thread.job?.reject(
      new TastemakerError('outside', `The worker thread that ran ${name} ended before it was done.`, {
        cause,
      }),
    )
    if (!closed) next()
  }
  return {
    threads,
    run: (task, onReport = () => {}) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closedError())
        queue.push({ task, onReport, resolve, reject })
        next()
      }),
    async close() {
      closed = true
      const running = [...all].flatMap(({ job }) => job ?? [])
      for (const job of [...running, ...queue.splice(0)]) job.reject(closedError())
      const ending = [...all].map(({ worker }) => worker.terminate())
      all.clear()
      await Promise.all(ending)
    },
  }
}

/** Runs tasks in the calling thread, one at a time, with arguments and results copied as between threads. */
export function openOwnThread(): Workers {
  let last: Promise<unknown> = Promise.resolve()
  return {
    threads: 1,
    run(task, onReport = () => {}) {
      const run = (): Promise<unknown> =>
        runTask(structuredClone(task), (value) => onReport(structuredClone(value)))
      const done = last.then(run).then((result) => structuredClone(result))
      last = done.catch(() => undefined)
      return done
    },
    close: async () => {},
  }
}

const closedError = (): TastemakerError =>
  new TastemakerError('not-ready', 'The worker threads were closed before the task was done.')
