// The port for work on other threads: an exported function of a module, called with plain data and shared arrays.

/** A call to make on some thread. */
export type WorkerTask = {
  /** `import.meta.url` of the module that exports the function. */
  readonly module: string
  /** Name of the exported function; it gets `(args, report)` and may be async. */
  readonly name: string
  /** Structured-cloneable; typed arrays over SharedArrayBuffer are shared, not copied. */
  readonly args: unknown
}

/** Threads that run tasks. */
export type Workers = {
  /** How many tasks run at once; at least 1. */
  readonly threads: number
  /**
   * Runs a task on a free thread, or waits for one. A task that throws rejects with its error (code kept).
   * @param onReport called with whatever the task passes to its `report`
   */
  run(task: WorkerTask, onReport?: (message: unknown) => void): Promise<unknown>
  close(): Promise<void>
}
