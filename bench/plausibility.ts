// What a click farm does to recommendations, and what flagging it mends: accuracy for real listeners, and how far the farm's artist gets.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../src/config.ts'
import { bareRows, type InteractionMatrix, selectRows } from '../src/data/interaction-matrix.ts'
import { type Engine, quoted } from '../src/engine/engine.ts'
import { createLineWriter, createScratch, type Scratch } from '../src/engine/files.ts'
import { openEngine, openWorkers } from '../src/engine/open.ts'
import { evaluateModel } from '../src/evaluation/evaluate.ts'
import { temporalSplit } from '../src/evaluation/splits.ts'
import { artistsSql } from '../src/features/artists.ts'
import { interactionsSql, readInteractionMatrix } from '../src/features/interactions.ts'
import { doubtsSql } from '../src/features/plausibility.ts'
import { openJudgedEvents } from '../src/features/plausibility-events.ts'
import { outcomeOf } from '../src/ingest/clean-event.ts'
import { cellsOf } from '../src/jobs/validation-slice.ts'
import { fitModel } from '../src/models/models.ts'
import { usualFaults } from '../src/simulation/presets.ts'
import { createService } from '../src/simulation/simulate.ts'
import type { BenchResult } from './bench.ts'

export const describe =
  'a planted click farm: NDCG@10 of real listeners and reach of the farm’s artist, without it, unseen, and weighed down'

const [days, dayMs, holdoutDays] = [60, 86_400_000, 14]
const endAt = Date.UTC(2026, 0, 1)
const cutoff = endAt - holdoutDays * dayMs
const preset = { name: 'farm', listeners: 1000, artists: 800, days, events: 300_000, faults: usualFaults }
/** 60 accounts play one artist, some 80 times a day, on the ten days before the cutoff; 6% of all accounts. */
const farm = { accounts: 60, plays: 80, days: 10, artist: 'farm-artist' }
const seed = 20_260_101
const { features, models } = readSettings()

/** Three worlds over the same service, measured with popularity and ALS. */
export async function run(): Promise<BenchResult> {
  const scratch = await createScratch(join(tmpdir(), 'tastemaker-bench-farm'))
  const engine = await openEngine({ threads: 2, tempDir: scratch.dir })
  const workers = openWorkers({ threads: 0 })
  try {
    await makeEvents(engine, scratch)
    const doubts = scratch.file('doubts.parquet')
    await engine.run(
      `copy (${doubtsSql('farmed', features.plausibility)}) to ${quoted(doubts)} (format parquet)`,
    )
    const figures: Record<string, number> = await found(engine, doubts)
    for (const [world, table, judgments] of [
      ['honest', 'honest', {}],
      ['farmed', 'farmed', {}],
      ['weighed', 'farmed', { doubts }],
    ] as const) {
      await openJudgedEvents(engine, table, judgments)
      Object.assign(figures, await measure(engine, world, workers))
    }
    return judged(figures)
  } finally {
    await workers.close()
    await engine.close()
    await scratch.close()
  }
}

function judged(figures: Record<string, number>): BenchResult {
  const goals = {
    farmFound: 'all accounts of the farm',
    realDoubted: 'under 0.005 of the real listeners',
    'weighed reach': 'none of the real listeners is shown the farm’s artist by either model',
    'weighed als ndcg': 'within 0.005 of that without a farm',
  }
  const pass =
    figures.farmFound === farm.accounts &&
    figures.realDoubted! < 0.005 &&
    figures['weighed als reach'] === 0 &&
    figures['weighed popularity reach'] === 0 &&
    Math.abs(figures['weighed als ndcg']! - figures['honest als ndcg']!) < 0.005
  return { figures, goals, pass }
}

const line =
  /^\{"schema":1,"event":"listen".*?"user":"([^"]+)","at":"?([^",]+)"?.*?"artist":\{"id":"([^"]+)".*?"track":\{"id":"([^"]+)".*?"durationMs":(\d+).*?"playedMs":(\d+)/

/** Tables `honest` and `farmed` of the columns that features read. */
async function makeEvents(engine: Engine, scratch: Scratch): Promise<void> {
  const file = scratch.file('listens.ndjson')
  const writer = await createLineWriter(file)
  for (const { lines } of createService({ preset, seed, endAt }).days())
    for (const text of lines) {
      const row = typeof text === 'string' ? rowOf(text) : undefined
      if (row) await writer.write(JSON.stringify(row))
    }
  await writer.close()
  await engine.run(`create table honest as select distinct on ("user", "time", track) "user" || "time" || track as event_id, 'listen' as kind, "user" as user_id, "time" as occurred_at, artist as artist_id, artist as artist_name,
    null::varchar as genre, null::bigint as followers, track as track_id, duration as duration_ms, played as played_ms, outcome, null::double as value
    from read_json(${quoted(file)}, format = 'newline_delimited', columns = {"user": 'VARCHAR', "time": 'BIGINT', artist: 'VARCHAR', track: 'VARCHAR', duration: 'INTEGER', played: 'INTEGER', outcome: 'VARCHAR'})`)
  const { accounts, plays, days: farmDays, artist } = farm
  const span = Math.floor(dayMs / (plays + 20))
  await engine.run(`create table farmed as select * from honest union all
    select 'farm-' || a || '-' || d || '-' || p, 'listen', 'farm-' || a, ${cutoff - farmDays * dayMs} + d * ${dayMs} + p * ${span} + hash(a, d, p) % 40000,
      '${artist}', '${artist}', null, null, 'farm-track-' || p % 12, 180000, 180000, 'full', null
    from range(${accounts}) x(a), range(${farmDays}) y(d), range(${plays}) z(p)`)
}

/** A listen of the service's own writing; damaged lines and other kinds give none. */
function rowOf(text: string): object | undefined {
  const [, user, at, artist, track, duration, played] = line.exec(text) ?? []
  if (at === undefined) return undefined
  const [length, heard] = [Number(duration), Number(played)]
  const outcome = outcomeOf({ playedMs: heard, durationMs: length, skipped: false })
  const time = /^\d+$/.test(at) ? Number(at) : Date.parse(at)
  return { user, time, artist, track, duration: length, played: heard, outcome }
}

/** What the flags found: accounts of the farm, and the share of real listeners with any doubt. */
async function found(engine: Engine, doubts: string): Promise<Record<string, number>> {
  const [row] =
    await engine.rows(`select count(distinct user_id) filter (where user_id like 'farm-%') as farm,
    count(distinct user_id) filter (where user_id not like 'farm-%') as real,
    (select count(distinct user_id) from honest) as listeners from read_parquet(${quoted(doubts)})`)
  return {
    farmFound: Number(row?.farm),
    realDoubted: Number(row?.real) / Number(row?.listeners),
    listeners: Number(row?.listeners),
  }
}

/** Trained on what was known at the cutoff; measured on the artists that real listeners took to afterwards. */
async function measure(
  engine: Engine,
  world: string,
  workers: ReturnType<typeof openWorkers>,
): Promise<Record<string, number>> {
  const window = { asOf: cutoff, halfLifeDays: features.halfLifeDays }
  const matrix = await readInteractionMatrix(engine, `(${interactionsSql('credited', window)})`)
  const after = `(${interactionsSql('credited', { ...window, asOf: endAt, from: cutoff })})`
  const later = await readInteractionMatrix(engine, after, matrix)
  const heldOut = temporalSplit(matrix, cellsOf(later)).heldOut
  const real = Array.from({ length: matrix.rows }, (_, row) => row).filter(
    (row) => !matrix.users.idOf(row).startsWith('farm-'),
  )
  const [trend] = await engine.rows(
    `select trending_rank as place from (${artistsSql('events', cutoff)}) where artist_id = '${farm.artist}'`,
  )
  const figures: Record<string, number> = { [`${world} trending place`]: Number(trend?.place ?? 0) }
  const interactions = selectRows(bareRows(matrix), real)
  const popularity = listenersOf(matrix)
  for (const name of ['popularity', 'als'] as const) {
    const model = await fitModel(name, { matrix, settings: models }, { workers, seed })
    const { means } = await evaluateModel(model, {
      histories: { interactions },
      heldOut: selectRows(heldOut, real),
      k: 10,
      popularity,
    })
    const { artists } = await model.recommend({ interactions }, 10)
    const shown = artists.filter(
      (artist) => artist >= 0 && matrix.artists.idOf(artist) === farm.artist,
    ).length
    figures[`${world} ${name} ndcg`] = means.ndcg
    figures[`${world} ${name} reach`] = shown / real.length
  }
  return figures
}

function listenersOf({ colIndex, columns }: InteractionMatrix): Float64Array {
  const counts = new Float64Array(columns)
  for (const column of colIndex) counts[column]! += 1
  return counts
}
