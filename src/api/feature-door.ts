// What the API is handed of the feature store.
import type { FeatureRegistry, RegisteredView } from '../features/registry.ts'
import type { ListStore } from '../stores/lists/list-store.ts'

/** What to materialize. Times in ms UTC. */
export type MaterializeRequest = {
  /** Absent: incremental. */
  readonly from?: number
  readonly to: number
  /** Absent: all. */
  readonly views?: readonly string[]
}

/** The feature store as seen from a door. */
export type FeatureDoor = {
  readonly registry: FeatureRegistry
  /** Where online copies lie. */
  readonly lists: ListStore
  /** Keeps pushed rows for the offline store, as lines of NDJSON; durable once it resolves. */
  readonly keep: (view: RegisteredView, lines: readonly string[]) => Promise<void>
  /** Materializes in a process of its own and resolves when it is done. Throws `conflict` while another run works. */
  readonly materialize: (request: MaterializeRequest) => Promise<void>
}
