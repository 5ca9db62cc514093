// Plays that no listener can have made: days of impossible length or speed, clockwork, one artist for days; flagged and weighed, never dropped.
import type { Settings } from '../config.ts'

/** What may be doubted: of a listener's day, of an artist on it, or of the listener as a whole. */
export type DoubtFlag = 'too-long' | 'too-many' | 'same-second' | 'clockwork' | 'one-artist' | 'machine'

/** Every flag with what it says, for reports. */
export const doubtFlags: Readonly<Record<DoubtFlag, string>> = {
  'too-long': 'more listening in a day than a day has hours',
  'too-many': 'more plays in a day than anybody can hear',
  'same-second': 'most plays of a day begin in the same second as another',
  clockwork: 'nearly all plays of a day follow each other at one interval',
  'one-artist': 'nothing but one artist for days',
  machine: 'nearly all plays of the listener are doubted otherwise',
}

/** Limits behind the flags. */
export type DoubtLimits = Settings['features']['plausibility']

const day = 86_400_000
/** Share of plays that are at one interval (clockwork), at a second of another (same-second), doubted already (machine). */
const [steadyShare, sharedShare, doubtedShare] = [0.9, 0.5, 0.9]

/**
 * SQL of what is doubted of the listens among `events` (a table or view of clean events), with all that is known now.
 * Columns: user_id, day (days since 1970, UTC; null: all days), artist_id (null: all artists), flag, weight (0..1).
 * A doubted day counts like one play: weight 1 / plays; where flags meet, the least weight holds.
 *
 * - `too-long`: plays sum up to more than `dayHours`; weight = limit / sum, so that what a day can hold is believed.
 * - `too-many`: more than `dayPlays` plays.
 * - `same-second`: half of at least `busyPlays` plays share their second with another. Times that only name a day are not judged.
 * - `clockwork`: 90% of the intervals between at least `busyPlays` plays of several tracks are equal to the second.
 * - `one-artist` (that artist alone): `repeatDays` days in a row or more with `repeatPlays` plays each, 95% of them of this artist.
 * - `machine`: at least `repeatDays` doubted days that hold 90% of all plays of the listener; weight 0.
 */
export function doubtsSql(events: string, limits: DoubtLimits): string {
  const { busyPlays, dayHours, dayPlays, repeatPlays } = limits
  const longest = dayHours * 3_600_000
  const fewest = Math.min(busyPlays, repeatPlays)
  return `with days as materialized (
    select user_id, occurred_at // ${day} as day, count(*) as plays,
      sum(coalesce(played_ms, case when outcome = 'full' then duration_ms end, 0)) as heard
    from ${events} where kind = 'listen' group by user_id, day
  ),
  busy as materialized (
    select e.user_id, days.day, days.plays, e.artist_id, e.track_id, e.occurred_at
    from ${events} e join days on e.user_id = days.user_id and e.occurred_at // ${day} = days.day
    where e.kind = 'listen' and days.plays >= ${fewest}
  ),
  doubts as materialized (
    select user_id, day, null::varchar as artist_id, 'too-long' as flag, ${longest}.0 / heard as weight, plays as doubted
      from days where heard > ${longest}
    union all select user_id, day, null, 'too-many', 1.0 / plays, plays from days where plays > ${dayPlays}
    union all ${sameSecondSql(busyPlays)}
    union all ${clockworkSql(busyPlays)}
    union all ${oneArtistSql(limits)}
  )
  select user_id, day, artist_id, flag, weight from doubts
  union all ${machinesSql(limits)}`
}

const sameSecondSql = (busyPlays: number): string =>
  `select user_id, day, null, 'same-second', 1.0 / sum(plays), sum(plays) from (
    select user_id, day, count(*) as plays from busy
    where occurred_at % ${day} <> 0 group by user_id, day, occurred_at // 1000
  ) group by user_id, day
  having sum(plays) >= ${busyPlays} and sum(plays) filter (where plays > 1) >= ${sharedShare} * sum(plays)`

/** One track on repeat is regular by nature; it takes several tracks to look like a machine. */
const clockworkSql = (busyPlays: number): string =>
  `select user_id, day, null, 'clockwork', 1.0 / plays, plays from (
    select user_id, day, plays, round(gap / 1000.0) as gap, count(*) as times, sum(count(*)) over (partition by user_id, day) as gaps
    from (
      select user_id, day, plays, occurred_at - lag(occurred_at) over (partition by user_id, day order by occurred_at) as gap
      from busy where plays >= ${busyPlays}
    ) where gap > 0 group by user_id, day, plays, round(gap / 1000.0)
  ) join (
    select user_id, day from busy group by user_id, day having count(distinct track_id) > 1
  ) using (user_id, day)
  where times >= ${steadyShare} * gaps and gaps >= ${busyPlays - 1}`

/** Days in a row have the same difference to their own number. */
const oneArtistSql = ({ repeatDays, repeatPlays, repeatShare }: DoubtLimits): string =>
  `select user_id, day, artist_id, 'one-artist', 1.0 / times, times from (
    select *, count(*) over (partition by user_id, artist_id, island) as length
    from (
      select *, day - row_number() over (partition by user_id, artist_id order by day) as island
      from (
        select user_id, day, artist_id, count(*) as times from busy group by user_id, day, artist_id, plays
        having times >= ${repeatPlays} and times >= ${repeatShare} * plays
      )
    )
  ) where length >= ${repeatDays}`

const machinesSql = ({ repeatDays }: DoubtLimits): string =>
  `select user_id, null, null, 'machine', 0.0 from (
    select user_id, count(*) as days, sum(doubted) as doubted from (
      select user_id, day, max(doubted) as doubted from doubts where flag <> 'too-long' group by user_id, day
    ) group by user_id
  ) join (select user_id, sum(plays) as plays from days where user_id in (select user_id from doubts) group by user_id) using (user_id)
  where days >= ${repeatDays} and doubted >= ${doubtedShare} * plays`
