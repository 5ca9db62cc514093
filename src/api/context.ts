// What the API is handed: the lists, the journal, the pseudonym function, the clock, the key, the log and the counters.
import type { Settings } from '../config.ts'
import type { Log } from '../log.ts'
import type { ListReader } from '../serving/list-reader.ts'
import type { Journal } from '../stores/journal/journal.ts'
import type { FeatureDoor } from './feature-door.ts'
import type { Metrics } from './metrics.ts'
import type { Tokens } from './tokens.ts'

/** A file of the page. */
export type ConsoleFile = { readonly bytes: Uint8Array; readonly type: string }

/** Everything the API may touch. It opens and closes nothing itself. */
export type ApiContext = {
  readonly lists: ListReader
  /** Where events go; undefined: this process only answers, and `POST /v1/events` is 503. */
  readonly journal: Journal | undefined
  /** From the service's own id to its pseudonym; a pseudonym stays as it is. */
  readonly pseudonymize: (userId: string) => string
  /** By which events are held against the clock, as ingest will do it. */
  readonly ingest: Settings['ingest']
  /** ms UTC. */
  readonly now: () => number
  /** Key callers must send; empty: none is asked, and only requests to a loopback address are answered. */
  readonly apiKey: string
  readonly log: Log
  readonly metrics: Metrics
  /** Names the listener of a token, for the doors that other programs know; undefined: these doors are shut. */
  readonly tokens?: Tokens
  /** The feature store; undefined: its routes are 503. */
  readonly features?: FeatureDoor
  /** The version of this program, as the doors say it; default `0`. */
  readonly programVersion?: string
  /** Makes the ids of answers; default `crypto.randomUUID`. */
  readonly newId?: () => string
  /** The files of the page, by path (`/`, `/page.css`); undefined: no page. */
  readonly consoleFiles?: (path: string) => Promise<ConsoleFile | undefined>
}
