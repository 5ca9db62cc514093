// The record of one materialization of a feature view: how many rows, how fresh, how complete.

/** What one feature looked like among the newest rows of its view. */
export type FeatureCompleteness = {
  /** Share of rows without a value, 0..1; 0 where there are no rows. */
  readonly nullRate: number
  /** Mean of a numeric feature over the rows that have it; null elsewhere. */
  readonly mean: number | null
}

/** What one run did for one view, and what it found. Times in ms UTC. */
export type RunStatistics = {
  readonly view: string
  readonly version: string
  /** When the run was. */
  readonly at: number
  /** The newest rows hold for this time; null where the run made none. */
  readonly eventTimestamp: number | null
  /** `at` less `eventTimestamp`, s. */
  readonly ageSeconds: number | null
  /** Rows of the newest snapshot. */
  readonly rows: number
  /** Rows written for ends of periods that had none yet, as they could be known then. */
  readonly periodRows: number
  /** Rows that corrected earlier ones, since events came late or were corrected. */
  readonly correctedRows: number
  /** Pushed rows that were folded in. */
  readonly pushedRows: number
  /** Rows written to the list store. */
  readonly onlineRows: number
  readonly features: Readonly<Record<string, FeatureCompleteness>>
  readonly durationMs: number
}
