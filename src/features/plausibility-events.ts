// The view `events` that features read: one id an artist, inferred outcomes, and how far each event is believed.
import { type Engine, quoted } from '../engine/engine.ts'

/** Parquet files of judgments (paths of this machine); what is absent changes nothing and costs nothing. */
export type Judgments = {
  /** Columns artist_id, canonical_id: see identity.ts. */
  readonly identities?: string
  /** Columns artist_id, artist_name, credited_id, weight: the artists that a credit line stands for. */
  readonly credits?: string
  /** Columns user_id, day, artist_id, flag, weight: see plausibility.ts. */
  readonly doubts?: string
  /** Columns event_id, outcome: see sessions.ts. */
  readonly outcomes?: string
}

/**
 * Makes two views over `source` (a table or view of clean events).
 * `events`: its columns, with the canonical artist id and inferred outcomes, then `weight` DOUBLE (0..1, what the event counts; 1 unless doubted)
 * and `inferred` BOOLEAN (the outcome is inferred). One row an event.
 * `credited`: the same, but an event whose credit line names several artists has a row for each, its weight times the artist's share.
 */
export async function openJudgedEvents(engine: Engine, source: string, judgments: Judgments): Promise<void> {
  await engine.run(`create or replace view identified as ${identifiedSql(source, judgments.identities)}`)
  await engine.run(`create or replace view events as ${judgedSql('identified', judgments)}`)
  await engine.run(`create or replace view credited as ${creditedSql('events', judgments.credits)}`)
}

/** SQL of `events` under their canonical artist ids. */
export function identifiedSql(events: string, identities: string | undefined): string {
  if (identities === undefined) return `select * from ${events}`
  return `select e.* replace (coalesce(i.canonical_id, e.artist_id) as artist_id)
    from ${events} e left join read_parquet(${quoted(identities)}) i on e.artist_id = i.artist_id`
}

function judgedSql(events: string, { doubts, outcomes }: Judgments): string {
  const replaced = outcomes === undefined ? '' : 'replace (coalesce(o.outcome, e.outcome) as outcome)'
  const inferred = outcomes === undefined ? 'false' : 'o.outcome is not null'
  const weight = doubts === undefined ? '1.0' : 'least(1.0, u.weight, d.weight, a.weight)'
  return `select e.* ${replaced}, cast(${weight} as double) as weight, ${inferred} as inferred from ${events} e
    ${outcomes === undefined ? '' : `left join read_parquet(${quoted(outcomes)}) o on e.event_id = o.event_id`}
    ${doubts === undefined ? '' : doubtJoins(quoted(doubts))}`
}

/** The least weight of the listener, of the day, and of the artist on that day. */
function doubtJoins(doubts: string): string {
  const least = (columns: string, where: string) =>
    `(select ${columns}, min(weight) as weight from read_parquet(${doubts}) where ${where} group by ${columns})`
  return `left join ${least('user_id', 'day is null')} u on e.user_id = u.user_id
    left join ${least('user_id, day', 'day is not null and artist_id is null')} d
      on e.user_id = d.user_id and e.occurred_at // 86400000 = d.day
    left join ${least('user_id, day, artist_id', 'artist_id is not null')} a
      on e.user_id = a.user_id and e.occurred_at // 86400000 = a.day and e.artist_id = a.artist_id`
}

function creditedSql(events: string, credits: string | undefined): string {
  if (credits === undefined) return `select * from ${events}`
  return `select e.* replace (coalesce(c.credited_id, e.artist_id) as artist_id, e.weight * coalesce(c.weight, 1.0) as weight)
    from ${events} e left join read_parquet(${quoted(credits)}) c on e.artist_id = c.artist_id and e.artist_name = c.artist_name`
}
