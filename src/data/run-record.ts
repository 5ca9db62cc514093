// The run record: what one job did, on what, with which settings.

/** One finished or failed run of a job. */
export type RunRecord = {
  readonly runId: string
  readonly job: string
  readonly status: 'done' | 'failed' | 'nothing-to-do'
  /** Hash of (job, input version, settings): the same key means the work is already done. */
  readonly key: string
  readonly startedAt: number
  readonly durationMs: number
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  readonly seed: number
  readonly codeVersion: string
  readonly peakMemoryBytes: number
  /** Present when it failed. */
  readonly error?: string
}
