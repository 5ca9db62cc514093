// What a job is handed: the stores, the engine, the threads, the clock, and somewhere to say how far it is.
import type { Settings } from '../config.ts'
import type { Engine } from '../engine/engine.ts'
import type { Scratch } from '../engine/files.ts'
import type { Workers } from '../engine/workers.ts'
import type { Log } from '../log.ts'
import type { ListStore } from '../stores/lists/list-store.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'
import type { Sql } from '../stores/sql/sql.ts'

/** Tells how far a job is: the share done, 0..1, and a few words. */
export type Progress = (job: string, share: number, detail: string) => void

/** Everything a job may touch. What is costly to open is opened at its first use. */
export type JobContext = {
  readonly settings: Settings
  /** Raw events, as the service and the intake wrote them. */
  readonly rawEvents: ObjectStore
  /** Everything made from them. */
  readonly objects: ObjectStore
  readonly lists: ListStore
  /** The Postgres that clean events land in. */
  readonly sql: () => Promise<Sql>
  /** The service's Postgres, with the `account` table: personal data. */
  readonly accounts: () => Promise<Sql>
  readonly engine: () => Promise<Engine>
  readonly workers: Workers
  readonly scratch: Scratch
  /** Secret behind the pseudonyms. */
  readonly pseudonymKey: string
  readonly now: () => number
  readonly log: Log
  readonly progress: Progress
}

/** What a job did. */
export type JobOutcome = {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly counts: Readonly<Record<string, number>>
}

/** One job of the pipeline. */
export type Job = {
  readonly name: string
  /** What it would work on, as a version: the same version and settings mean that there is nothing to do. Undefined: always run it. */
  readonly inputVersion: (context: JobContext) => Promise<string | undefined>
  /** The part of the settings that changes its result. */
  readonly settingsOf: (settings: Settings) => unknown
  readonly run: (context: JobContext) => Promise<JobOutcome>
}
