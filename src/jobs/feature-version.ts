// The newest feature tables: which files they are, as of when, made from what.
import type { ObjectStore } from '../stores/objects/object-store.ts'
import { readDocument, writeDocument } from './documents.ts'
import type { JudgmentKeys } from './plausibility.ts'

/** One version of the feature tables. The fields ending in `Key` are object keys of Parquet files. */
export type FeatureVersion = {
  readonly version: string
  /** All events before this time are in them, ms UTC. */
  readonly asOf: number
  /** Time of the first event, ms UTC. */
  readonly firstAt: number
  /** Time of the first event whose time says when it happened (not a play count), ms UTC; absent when all are counts. */
  readonly firstTimedAt?: number
  /** Object keys of the files of events, and of what was corrected or taken back. */
  readonly events: readonly string[]
  /** Absent in versions made before there were corrections. */
  readonly corrections?: readonly string[]
  /** Object keys of the judgments on the events: identities, doubts, inferred outcomes. */
  readonly judgments?: JudgmentKeys
  readonly accounts: string
  readonly artistsKey: string
  readonly listenersKey: string
  readonly interactionsKey: string
}

const key = 'features/latest.json'

/** The newest feature version, if there is one. */
export const readFeatureVersion = (objects: ObjectStore): Promise<FeatureVersion | undefined> =>
  readDocument<FeatureVersion>(objects, key)

/** Makes a feature version the newest. */
export const writeFeatureVersion = (objects: ObjectStore, version: FeatureVersion): Promise<void> =>
  writeDocument(objects, key, version)
