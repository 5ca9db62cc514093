// Events -> sessions: stretches of listening without a long gap; and skips inferred where the client sends no listening time.

/** When a stretch of listening ends. */
export type SessionOptions = {
  /** Silence, in minutes, after which the next event opens a session. ListenBrainz takes 5, web analytics 30. */
  readonly gapMinutes: number
}

/** What counts as a skip where nobody says how long a song was heard. */
export type SkipOptions = {
  /** The next song must begin this much before the end of the one before, in seconds; clocks and cross-fades take a few. */
  readonly leadSeconds: number
}

/** Share of a song from which on it counts as heard in full, as in the clean outcome. */
const fullShare = 0.8

/** Length of what an event played, milliseconds; 0 for anything but a listen, and where it is not known. */
const lengthSql = `case when kind = 'listen' then coalesce(played_ms, duration_ms, 0) else 0 end`

/** Order of a listener's events: ties of time by id, so that the same events always give the same sessions. */
const order = 'partition by user_id order by occurred_at, event_id'

/**
 * SQL of the session of each event of `events` (a table or view of clean events). Play counts are in no session.
 * A session opens where more than the gap lies between the end of everything the listener played before and the event.
 * Columns: event_id, user_id, occurred_at, session (1, 2, ... per listener, in order of time).
 */
export function sessionsSql(events: string, { gapMinutes }: SessionOptions): string {
  return `select event_id, user_id, occurred_at,
    cast(sum(opens) over (${order} rows unbounded preceding) as integer) as session
  from (
    select event_id, user_id, occurred_at,
      case when occurred_at - max(occurred_at + ${lengthSql}) over (${order} rows between unbounded preceding and 1 preceding) <= ${gapMinutes * 60_000}
        then 0 else 1 end as opens
    from ${events} where kind <> 'play_count'
  )`
}

/**
 * SQL of one row a session, from the same events.
 * Columns: user_id, session, start_at, end_at (end of its last play, ms UTC), plays, skips, artists (distinct ones played).
 */
export function sessionSummariesSql(events: string, options: SessionOptions): string {
  return `select s.user_id, s.session, min(e.occurred_at) as start_at, max(e.occurred_at + ${lengthSql.replaceAll(/\b(kind|played_ms|duration_ms)\b/g, 'e.$1')}) as end_at,
    count(*) filter (where e.kind = 'listen') as plays,
    count(*) filter (where e.outcome = 'skipped') as skips,
    count(distinct e.artist_id) filter (where e.kind = 'listen') as artists
  from (${sessionsSql(events, options)}) s join ${events} e using (event_id)
  group by s.user_id, s.session`
}

/**
 * SQL of the listens that were cut short, though nobody said so: the listening time is not known, the duration is, the clean outcome is `full`,
 * and the listener's next listen begins before the song could have ended. What was heard is the time between the two:
 * under 80% of the song it was `skipped` when cut by more than the lead, else `partial`. Two listens at the very same time say nothing.
 * Columns: event_id, outcome.
 */
export function inferredOutcomesSql(events: string, { leadSeconds }: SkipOptions): string {
  return `select event_id, case when heard < duration_ms - ${leadSeconds * 1000} then 'skipped' else 'partial' end as outcome
  from (
    select event_id, outcome, played_ms, duration_ms, lead(occurred_at) over (${order}) - occurred_at as heard
    from ${events} where kind = 'listen'
  )
  where played_ms is null and outcome = 'full' and heard > 0 and heard < ${fullShare} * duration_ms`
}
