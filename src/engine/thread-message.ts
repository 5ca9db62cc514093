// What threads say to each other, and how a task is run on either side.
import { type ErrorCode, TastemakerError } from '../errors.ts'
import type { WorkerTask } from './workers.ts'

/** From a thread to the one that gave it a task: any number of reports, then a result or an error. */
export type ThreadMessage = { readonly kind: 'report' | 'result'; readonly value: unknown } | ThreadError

type ThreadError = {
  readonly kind: 'error'
  readonly code: ErrorCode | undefined
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
}

/** Calls the exported function that a task names; throws `bad-argument` when the module has none of that name. */
export async function runTask(task: WorkerTask, report: (message: unknown) => void): Promise<unknown> {
  const module = (await import(task.module)) as Record<string, unknown>
  const work = Object.hasOwn(module, task.name) ? module[task.name] : undefined
  if (typeof work === 'function') return await work(task.args, report)
  throw new TastemakerError('bad-argument', `The task's module exports no function ${task.name}.`)
}

/** An error in a form that crosses threads: a class and its fields would not. */
export function fromError(error: unknown): ThreadError {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return {
    kind: 'error',
    code: error instanceof TastemakerError ? error.code : undefined,
    name,
    message,
    stack,
  }
}

/** The error again, with the stack of the thread it was thrown on. */
export function toError({ code, name, message, stack }: ThreadError): Error {
  const error = code === undefined ? new Error(message) : new TastemakerError(code, message)
  error.name = name
  if (stack !== undefined) error.stack = stack
  return error
}
