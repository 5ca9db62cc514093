// The report: what was measured, as named numbers with unit, interval and baseline.

/** One measured number. */
export type Figure = {
  readonly metric: string
  /** What it was measured on: a model's name, a stage's name. */
  readonly of: string
  readonly value: number
  /** Lower and upper end of its 95% interval; absent where there is none. */
  readonly low?: number
  readonly high?: number
  /** Standard deviation over repetitions (seeds), n - 1 below; absent where there was one. */
  readonly deviation?: number
  /** `share`, `count`, `ms`, `s`, `events/s`, `MiB`, ... */
  readonly unit: string
}

/** What one job or experiment measured. */
export type Report = {
  readonly name: string
  readonly createdAt: number
  /** One sentence on what was measured and how. */
  readonly summary: string
  readonly figures: readonly Figure[]
  readonly notes: readonly string[]
}
