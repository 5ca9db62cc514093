// New artists of HetRec: withheld from training altogether, known by their tags alone, to be found for their true listeners.
import { type SparseRows, sparseRows, type Triple, transpose } from '../../src/data/interaction-matrix.ts'
import type { Model } from '../../src/data/model.ts'
import { measureList } from '../../src/evaluation/metrics.ts'
import { buildAttributes } from '../../src/features/attribute-matrix.ts'
import { createPrior, fitPrior, priorMeans } from '../../src/models/als-prior.ts'
import { ridges } from '../../src/models/als-training.ts'
import { fitModel, openParts } from '../../src/models/models.ts'
import { descending, listenerShares, rankByOrder } from '../../src/models/popularity.ts'
import { createRandom } from '../../src/statistics/random.ts'
import { type Hetrec, sharedTags, tagCounts } from './hetrec.ts'
import type { Round } from './new-listeners.ts'

type NewArtists = {
  readonly train: SparseRows
  /** Withheld artists, ascending. */
  readonly fresh: Int32Array
  /** Listeners with something to find, and what. */
  readonly wanted: ReadonlyMap<number, ReadonlySet<number>>
}

/**
 * One in ten of the artists with five listeners or more is withheld. Lists of ten are measured twice: over the whole
 * catalogue, and over the withheld artists alone (a shelf of new releases).
 *
 * Nothing leaks: only tags that ten listeners or more use count, and a pair does not count as found where the listener gave
 * the artist a tag himself. Plain ALS is not among the peers: it has zero vectors for all of them.
 */
export async function measureNewArtists(data: Hetrec, round: Round): Promise<Record<string, number>> {
  const { workers, seed, settings } = round
  const split = withhold(data, seed)
  const features = tagFeatures(data)
  const trained = (more = {}) =>
    fitModel('als', { matrix: split.train, settings, ...more }, { workers, seed })
  const plain = await trained()
  const random = createRandom(seed).fork('any artist')
  const shares = listenerShares(split.train)
  const byTag = Float32Array.from(shares)
  for (const artist of split.fresh) byTag[artist] = meanOverTags(features, shares, split.fresh)(artist)
  const figures: Record<string, number> = {}
  const note = (name: string, lists: Lists) => Object.assign(figures, measure(name, lists, split))
  note(
    'random',
    sharedLists(
      Float32Array.from(shares, () => random.uniform()),
      split,
    ),
  )
  note('tag popularity', sharedLists(byTag, split))
  note(
    'als, mean of 50 neighbours by tags',
    await modelLists(withNeighbours(plain, features, split, round), split),
  )
  note(
    'als, tags mapped afterwards',
    await modelLists(await withMapping(plain, features, split, round), split),
  )
  note('als, prior of tags', await modelLists(await trained({ artistFeatures: features }), split))
  return figures
}

function withhold({ plays, taggings }: Hetrec, seed: number): NewArtists {
  const counts = new Int32Array(plays.columns)
  for (const artist of plays.colIndex) counts[artist]! += 1
  const eligible = [...counts.keys()].filter((artist) => counts[artist]! >= 5)
  const order = createRandom(seed).fork('new artists').shuffle(eligible)
  const fresh = Int32Array.from(order.slice(0, Math.floor(eligible.length / 10))).sort()
  const isFresh = new Set(fresh)
  const tagged = new Set(taggings.map(({ listener, artist }) => listener * plays.columns + artist))
  const kept: Triple[] = []
  const wanted = new Map<number, Set<number>>()
  for (let row = 0; row < plays.rows; row++)
    for (let at = plays.rowPtr[row]!; at < plays.rowPtr[row + 1]!; at++) {
      const artist = plays.colIndex[at]!
      if (!isFresh.has(artist)) kept.push([row, artist, plays.values[at]!])
      else if (!tagged.has(row * plays.columns + artist))
        wanted.set(row, (wanted.get(row) ?? new Set<number>()).add(artist))
    }
  return { train: sparseRows(plays.rows, plays.columns, kept), fresh, wanted }
}

function tagFeatures({ plays, taggings }: Hetrec): SparseRows {
  const counts = tagCounts(sharedTags(taggings, 10), ({ artist }) => artist)
  const attributes = [...counts].flatMap(([row, tags]) =>
    [...tags].map(([tag, count]) => ({ row, name: `tag:${tag}`, weight: Math.sqrt(count) })),
  )
  return buildAttributes(plays.columns, attributes, { minRows: 10, mostFeatures: 2000 }).features
}

/** Lists of ten for every listener: over all artists, and over the new ones. */
type Lists = { readonly all: Int32Array; readonly fresh: Int32Array }

const length = 10

function measure(name: string, lists: Lists, { wanted }: NewArtists): Record<string, number> {
  const figures: Record<string, number> = {}
  for (const [among, of] of [
    ['all artists', lists.all],
    ['new artists', lists.fresh],
  ] as const) {
    const measured = [...wanted].map(([row, targets]) =>
      measureList(of.subarray(row * length, (row + 1) * length), targets, length),
    )
    for (const metric of ['recall', 'ndcg'] as const)
      figures[`${name}, among ${among}.${metric}@10`] =
        measured.reduce((sum, list) => sum + list[metric], 0) / measured.length
  }
  return figures
}

function sharedLists(scores: Float32Array, { train, fresh }: NewArtists): Lists {
  const order = descending(scores)
  const isFresh = new Set(fresh)
  const first = order.filter((artist) => isFresh.has(artist)).subarray(0, length)
  const lists = new Int32Array(train.rows * length)
  for (let row = 0; row < train.rows; row++) lists.set(first, row * length)
  return { all: rankByOrder({ order, scores }, { interactions: train }, { k: length }).artists, fresh: lists }
}

async function modelLists(model: Model, { train, fresh }: NewArtists): Promise<Lists> {
  const histories = { interactions: train }
  const { artists: all } = await model.recommend(histories, length)
  const k = fresh.length
  const artists = new Int32Array(train.rows * k)
  for (let row = 0; row < train.rows; row++) artists.set(fresh, row * k)
  const scores = await model.score!(histories, { k, artists })
  const lists = new Int32Array(train.rows * length)
  for (let row = 0; row < train.rows; row++) {
    const own = scores.subarray(row * k, (row + 1) * k)
    const best = [...own.keys()].sort((a, b) => own[b]! - own[a]! || a - b)
    for (let place = 0; place < length; place++) lists[row * length + place] = fresh[best[place]!]!
  }
  return { all, fresh: lists }
}

/** The model with other vectors for the new artists. */
function withVectors(
  model: Model,
  { fresh }: NewArtists,
  round: Round,
  vectorOf: (artist: number) => ArrayLike<number>,
) {
  const vectors = new Float32Array(model.arrays.artistFactors as Float32Array)
  for (const artist of fresh) vectors.set(vectorOf(artist), artist * round.settings.als.factors)
  return openParts({ ...model, arrays: { ...model.arrays, artistFactors: vectors } }, round.workers)
}

/** Ridge regression of the warm artists' vectors on their tags, after training. */
async function withMapping(plain: Model, features: SparseRows, split: NewArtists, round: Round) {
  const { factors: d, priorRegularization } = round.settings.als
  const { rowPtr } = transpose(split.train)
  const ridge = ridges(rowPtr, split.train.rows, round.settings.als)
  const prior = createPrior({ features, rowPtr, ridge, regularization: priorRegularization })
  const map = await fitPrior(round.workers, prior, { vectors: plain.arrays.artistFactors as Float32Array, d })
  const means = priorMeans(features, { map, d, scale: 1 })
  return withVectors(plain, split, round, (artist) => means.subarray(artist * d, (artist + 1) * d))
}

/** Mean of the vectors of the fifty artists with five listeners or more whose tags are nearest by cosine, weighted by it. */
function withNeighbours(plain: Model, features: SparseRows, split: NewArtists, round: Round): Model {
  const d = round.settings.als.factors
  const { rowPtr: counts } = transpose(split.train)
  const vectors = plain.arrays.artistFactors as Float32Array
  const warm = [...Array(features.rows).keys()].filter((artist) => counts[artist + 1]! - counts[artist]! >= 5)
  return withVectors(plain, split, round, (artist) => {
    const tags = new Map(tagsOf(features, artist))
    const near = warm
      .map((other) => [other, cosineOver(tags, features, other)] as const)
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, 50)
    const sum = near.reduce((total, [, cosine]) => total + cosine, 0)
    const out = new Float64Array(d)
    for (const [other, cosine] of sum > 0 ? near : [])
      for (let f = 0; f < d; f++) out[f]! += (cosine / sum) * vectors[other * d + f]!
    return out
  })
}

/** Tags and weights of a row, without the first column, `everyone`. */
function* tagsOf(
  { rowPtr, colIndex, values }: SparseRows,
  row: number,
): Generator<readonly [number, number]> {
  for (let at = rowPtr[row]!; at < rowPtr[row + 1]!; at++)
    if (colIndex[at]! > 0) yield [colIndex[at]!, values[at]!]
}

function cosineOver(tags: ReadonlyMap<number, number>, features: SparseRows, other: number): number {
  let sum = 0
  for (const [tag, weight] of tagsOf(features, other)) sum += weight * (tags.get(tag) ?? 0)
  return sum
}

/** Popularity expected of an artist: the mean share of listeners over warm artists of each tag, weighted by its tags. */
function meanOverTags(features: SparseRows, shares: Float32Array, fresh: Int32Array) {
  const isFresh = new Set(fresh)
  const sums = new Float64Array(features.columns)
  const weights = new Float64Array(features.columns)
  for (let artist = 0; artist < features.rows; artist++)
    for (const [tag, weight] of isFresh.has(artist) ? [] : tagsOf(features, artist)) {
      sums[tag]! += weight * shares[artist]!
      weights[tag]! += weight
    }
  return (artist: number): number => {
    let expected = 0
    let total = 0
    for (const [tag, weight] of tagsOf(features, artist)) {
      expected += weights[tag]! > 0 ? (weight * sums[tag]!) / weights[tag]! : 0
      total += weight
    }
    return total > 0 ? expected / total : 0
  }
}
