// New listeners of the simulated service: their age group and where they live are all that is known of them at first.
import { type SparseRows, selectRows, sparseRows, type Triple } from '../../src/data/interaction-matrix.ts'
import { createVocabulary, type Vocabulary } from '../../src/data/vocabulary.ts'
import { listenerAttributes } from '../../src/features/listener-attributes.ts'
import { buildSegments } from '../../src/features/segments.ts'
import { maskAccounts } from '../../src/ingest/accounts.ts'
import { createGeocoder } from '../../src/ingest/geocode.ts'
import { fitModel } from '../../src/models/models.ts'
import { presets } from '../../src/simulation/presets.ts'
import { createService, type SimulatedService } from '../../src/simulation/simulate.ts'
import { type Contender, holdOutListeners, measureCurve } from './curve.ts'
import type { Round } from './new-listeners.ts'

const endAt = Date.UTC(2026, 0, 1)

/** Popularity, popularity by age group and country, plain fold-in, and fold-in with a prior of age group and place. */
export async function measureSimulated(round: Round): Promise<Record<string, number>> {
  const { workers, seed, settings } = round
  const service = createService({ preset: presets.demo, seed, endAt })
  const users = createVocabulary(service.accounts.map(({ user_id }) => user_id))
  const whole = playsOf(service, users)
  const geocode = await createGeocoder()
  const people = maskAccounts(service.accounts, { now: endAt, pseudonymize: (id) => id, geocode })
  const segments = buildSegments(people, users, 20)
  const { features } = listenerAttributes(people, users, { minListeners: 20 })
  const fresh = holdOutListeners(whole, seed)
  const matrix = selectRows(whole, fresh.known)
  const trained = (name: Parameters<typeof fitModel>[0], more = {}) =>
    fitModel(name, { matrix, settings, ...more }, { workers, seed })
  const segmentsOf = (rows: readonly number[]) => Int32Array.from(rows, (row) => segments.ofUser[row]!)
  const forest = { count: segments.labels.length, parent: segments.parent, ofUser: segmentsOf(fresh.known) }
  const contenders: Contender[] = [
    { name: 'popularity', model: await trained('popularity') },
    {
      name: 'popularity by age group and country',
      model: await trained('segment-popularity', { segments: forest }),
      about: { segments: segmentsOf(fresh.fresh) },
    },
    { name: 'als', model: await trained('als') },
    {
      name: 'als, prior of age group and place',
      model: await trained('als', { listenerFeatures: selectRows(features, fresh.known) }),
      about: { features: selectRows(features, fresh.fresh) },
    },
  ]
  return measureCurve(contenders, fresh)
}

const line =
  /^\{"schema":1,"event":"listen".*?"user":"([^"]+)".*?"artist":\{"id":"([^"]+)".*?"playedMs":(\d+)/

/** listeners x artists: who heard an artist for a minute or longer at least twice; value: how often. Damaged lines do not match. */
function playsOf(service: SimulatedService, users: Vocabulary): SparseRows {
  const artists = createVocabulary(service.artists.map(({ artistId }) => artistId))
  const counts = new Map<number, number>()
  for (const { lines } of service.days())
    for (const text of lines) {
      const [, user, artist, playedMs] = (typeof text === 'string' && line.exec(text)) || []
      const row = users.indexOf(user ?? '')
      const column = artists.indexOf(artist ?? '')
      if (row < 0 || column < 0 || Number(playedMs) < 60_000) continue
      const cell = row * artists.size + column
      counts.set(cell, (counts.get(cell) ?? 0) + 1)
    }
  const cells = [...counts].flatMap(([cell, count]): Triple[] =>
    count < 2 ? [] : [[Math.floor(cell / artists.size), cell % artists.size, count]],
  )
  return sparseRows(users.size, artists.size, cells)
}
