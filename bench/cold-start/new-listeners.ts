// New listeners of HetRec: their friends, or tags they gave to other artists, are all that is known of them at first.
import { selectRows } from '../../src/data/interaction-matrix.ts'
import type { Workers } from '../../src/engine/workers.ts'
import { type Attribute, type AttributeMatrix, buildAttributes } from '../../src/features/attribute-matrix.ts'
import type { ModelSettings, Segments } from '../../src/models/algorithm.ts'
import { fitModel } from '../../src/models/models.ts'
import { type Contender, holdOutListeners, measureCurve, type NewListeners } from './curve.ts'
import { cellsOf, type Hetrec, sharedTags, type Tagging, tagCounts } from './hetrec.ts'

/** What one round needs. */
export type Round = { readonly workers: Workers; readonly seed: number; readonly settings: ModelSettings }

/**
 * Popularity, popularity by the listener's first tag, plain fold-in, and fold-in with a prior of friends or of tags.
 *
 * Nothing leaks: a new listener's taggings of artists that are to be found or may be given are removed, so tags speak of
 * other artists only (as if asked for favourite genres when signing up); a friendship says nothing of any artist, and only
 * friends who were trained on count.
 */
export async function measureNewListeners(data: Hetrec, round: Round): Promise<Record<string, number>> {
  const { workers, seed, settings } = round
  const fresh = holdOutListeners(data.plays, seed)
  const matrix = selectRows(data.plays, fresh.known)
  const trained = (name: Parameters<typeof fitModel>[0], more = {}) =>
    fitModel(name, { matrix, settings, ...more }, { workers, seed })
  const tags = tagCounts(sharedTags(honestTaggings(data, fresh), 3), ({ listener }) => listener)
  const segments = firstTags(tags, data.plays.rows)
  const segmentsOf = (rows: readonly number[]) => Int32Array.from(rows, (row) => segments.ofUser[row]!)
  const contenders: Contender[] = [
    { name: 'popularity', model: await trained('popularity') },
    {
      name: 'popularity by first tag',
      model: await trained('segment-popularity', {
        segments: { ...segments, ofUser: segmentsOf(fresh.known) },
      }),
      about: { segments: segmentsOf(fresh.fresh) },
    },
    { name: 'als', model: await trained('als') },
  ]
  for (const [name, { features }] of [
    ['als, prior of tags', tagFeatures(tags, data.plays.rows)],
    ['als, prior of friends', friendFeatures(data, fresh)],
  ] as const)
    contenders.push({
      name,
      model: await trained('als', { listenerFeatures: selectRows(features, fresh.known) }),
      about: { features: selectRows(features, fresh.fresh) },
    })
  return measureCurve(contenders, fresh)
}

function honestTaggings({ plays, taggings }: Hetrec, { fresh, offered, wanted }: NewListeners): Tagging[] {
  const hidden = new Map(fresh.map((row, at) => [row, new Set([...offered[at]!, ...wanted[at]!])]))
  const played = cellsOf(plays)
  return taggings.filter(
    ({ listener, artist }) => !(hidden.get(listener)?.has(artist) && played(listener, artist)),
  )
}

function tagFeatures(tags: ReadonlyMap<number, ReadonlyMap<string, number>>, rows: number): AttributeMatrix {
  const attributes = [...tags].flatMap(([row, counts]) =>
    [...counts].map(([tag, count]): Attribute => ({ row, name: `tag:${tag}`, weight: Math.sqrt(count) })),
  )
  return buildAttributes(rows, attributes, { minRows: 5, mostFeatures: 2000 })
}

/** Being listener v, or a friend of v: one feature for each listener v who was trained on. */
function friendFeatures({ friends, plays }: Hetrec, { known }: NewListeners): AttributeMatrix {
  const trained = new Set(known)
  const attributes = friends.flatMap((of, row) =>
    [row, ...of].filter((v) => trained.has(v)).map((v): Attribute => ({ row, name: `near:${v}` })),
  )
  return buildAttributes(plays.rows, attributes, { minRows: 1, mostFeatures: 4096 })
}

/** Listeners by the tag they use most, where at least twenty share it. */
function firstTags(tags: ReadonlyMap<number, ReadonlyMap<string, number>>, rows: number): Segments {
  const first = new Map<number, string>()
  const sizes = new Map<string, number>()
  for (const [row, counts] of tags) {
    const [tag] = [...counts].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1))[0]!
    first.set(row, tag)
    sizes.set(tag, (sizes.get(tag) ?? 0) + 1)
  }
  const big = [...sizes].filter(([, size]) => size >= 20).map(([tag]) => tag)
  return {
    count: big.length,
    parent: new Int32Array(big.length).fill(-1),
    ofUser: Int32Array.from({ length: rows }, (_, row) => big.indexOf(first.get(row) ?? '')),
  }
}
