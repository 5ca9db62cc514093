// The entry of a worker thread: runs one task at a time for the thread that started it.
import { parentPort } from 'node:worker_threads'
import { fromError, runTask, type ThreadMessage } from './thread-message.ts'
import type { WorkerTask } from './workers.ts'

const say = (message: ThreadMessage): void => parentPort?.postMessage(message)

parentPort?.on('message', async (task: WorkerTask) => {
  try {
    say({ kind: 'result', value: await runTask(task, (value) => say({ kind: 'report', value })) })
  } catch (error) {
    say(fromError(error))
  }
})
