// The clean event: what ingest lands and every later stage reads, one wide row per event.

/** The kinds of event a music service sends. `play_count` is an aggregate, for services that keep only counts. */
export type EventKind = 'listen' | 'impression' | 'click' | 'like' | 'follow' | 'playlist_add' | 'play_count'

/** Every event kind, in the order of the documentation. */
export const eventKinds: readonly EventKind[] = [
  'listen',
  'impression',
  'click',
  'like',
  'follow',
  'playlist_add',
  'play_count',
]

/** What a clean row says: an event of its kind, or that the event of this id is taken back. */
export type CleanKind = EventKind | 'retract'

/** How a listen ended: `full` (at least 80% or ended by itself), `skipped` (by hand, or under 30 s and under 20%), else `partial`. */
export type ListenOutcome = 'full' | 'partial' | 'skipped'

/** The revision of a retraction: above every revision that an event may have, so that what was taken back stays so. */
export const retractRevision = 2 ** 31 - 1

/**
 * A valid, normalized event without personal data. `null` means the kind does not have the field, or the service did not send it.
 * Times are milliseconds since the epoch, UTC; durations are milliseconds. A row of kind `retract` has only eventId, userId, at,
 * recordedAt and revision; its artist is empty text.
 */
export type CleanEvent = {
  /** Unique per event: the service's own id, or a hash of the content where it sends none. */
  readonly eventId: string
  readonly kind: CleanKind
  /** Keyed pseudonym of the listener (see ingest/pseudonym.ts), never the service's id. */
  readonly userId: string
  readonly at: number
  readonly artistId: string
  /** As the service spells it, trimmed and in Unicode NFC; the normalized form only ever serves as a key. */
  readonly artistName: string
  /** Lower-case genre of the artist on the card. */
  readonly genre: string | null
  readonly followers: number | null
  /** The artist's ranking as the card showed it; 1 is the top. */
  readonly artistRank: number | null
  readonly trackId: string | null
  readonly trackTitle: string | null
  /** Likes of the track as the card showed them. */
  readonly trackLikes: number | null
  readonly durationMs: number | null
  readonly playedMs: number | null
  readonly outcome: ListenOutcome | null
  /** Volume levels through the song, each 0..1, first to last. */
  readonly volumes: readonly number[] | null
  /** Where in the service it happened: `home`, `search`, `playlist`, `recommendations`, ... */
  readonly surface: string | null
  /** Slot of a recommendation, counted from 1. */
  readonly position: number | null
  readonly recommendationId: string | null
  /** Probability, 0..1, with which the logging policy showed this artist in this slot. */
  readonly propensity: number | null
  readonly modelVersion: string | null
  readonly variant: string | null
  /** Number of plays in a `play_count`; for `like` and `follow` 1, or -1 when it was taken back. */
  readonly value: number | null
  /** Format the event came in: `tastemaker`, `listenbrainz`, `spotify`, `lastfm-1k`, `hetrec`, `simulation`, `replay`. */
  readonly source: string
  /** When we got to know it: when the intake received it, else when its object was first planned to be read. */
  readonly recordedAt: number
  /** Of what was said under one eventId, the highest revision counts; 0 where the service sends none. */
  readonly revision: number
}

/** One column of the clean event table. */
export type EventColumn = {
  /** Column name in SQL and in Parquet. */
  readonly name: string
  readonly field: keyof CleanEvent
  /** Type in the embedded SQL engine. */
  readonly engineType: 'VARCHAR' | 'BIGINT' | 'INTEGER' | 'DOUBLE' | 'FLOAT[]'
  /** Type in Postgres. */
  readonly postgresType: 'text' | 'bigint' | 'integer' | 'double precision' | 'real[]'
  readonly required: boolean
}

const text = (name: string, field: keyof CleanEvent, required = false): EventColumn => ({
  name,
  field,
  engineType: 'VARCHAR',
  postgresType: 'text',
  required,
})
const big = (name: string, field: keyof CleanEvent, required = false): EventColumn => ({
  name,
  field,
  engineType: 'BIGINT',
  postgresType: 'bigint',
  required,
})
const int = (name: string, field: keyof CleanEvent, required = false): EventColumn => ({
  name,
  field,
  engineType: 'INTEGER',
  postgresType: 'integer',
  required,
})

/** The columns of the clean event table, in order: the Parquet files, the Postgres table and the JSON rows all follow it. */
export const eventColumns: readonly EventColumn[] = [
  text('event_id', 'eventId', true),
  text('kind', 'kind', true),
  text('user_id', 'userId', true),
  big('occurred_at', 'at', true),
  text('artist_id', 'artistId', true),
  text('artist_name', 'artistName', true),
  text('genre', 'genre'),
  big('followers', 'followers'),
  int('artist_rank', 'artistRank'),
  text('track_id', 'trackId'),
  text('track_title', 'trackTitle'),
  big('track_likes', 'trackLikes'),
  int('duration_ms', 'durationMs'),
  int('played_ms', 'playedMs'),
  text('outcome', 'outcome'),
  { name: 'volumes', field: 'volumes', engineType: 'FLOAT[]', postgresType: 'real[]', required: false },
  text('surface', 'surface'),
  int('position', 'position'),
  text('recommendation_id', 'recommendationId'),
  {
    name: 'propensity',
    field: 'propensity',
    engineType: 'DOUBLE',
    postgresType: 'double precision',
    required: false,
  },
  text('model_version', 'modelVersion'),
  text('variant', 'variant'),
  {
    name: 'value',
    field: 'value',
    engineType: 'DOUBLE',
    postgresType: 'double precision',
    required: false,
  },
  text('source', 'source', true),
  big('recorded_at', 'recordedAt', true),
  int('revision', 'revision', true),
]
