// What variety costs: each reranker over its strengths on HetRec Last.fm-2k, accuracy against variety, as figures and drawings.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSettings } from '../src/config.ts'
import { type SparseRows, selectRows } from '../src/data/interaction-matrix.ts'
import type { RankedRows } from '../src/data/model.ts'
import { openWorkers, processorCount } from '../src/engine/open.ts'
import type { Workers } from '../src/engine/workers.ts'
import { measureSpread } from '../src/evaluation/beyond-accuracy.ts'
import {
  calibrationDivergence,
  cosineSimilarity,
  intraListDistance,
  measureCategories,
  type Similarity,
} from '../src/evaluation/diversity.ts'
import { measureList } from '../src/evaluation/metrics.ts'
import { randomSplit } from '../src/evaluation/splits.ts'
import { fitModel } from '../src/models/models.ts'
import { bucketCount, popularityBuckets } from '../src/serving/rerank/popularity-buckets.ts'
import type { RerankMethod, RerankSettings } from '../src/serving/rerank/rerank.ts'
import { type RerankCatalogue, rerankRows } from '../src/serving/rerank/rerank-rows.ts'
import type { BenchResult } from './bench.ts'
import { readHetrec, type Tagging, tagCounts } from './cold-start/hetrec.ts'
import { lineChart, type Series } from './plot-svg.ts'

/** One sentence on the claim. */
export const describe =
  'Recall against variety of every reranker over its strengths (HetRec Last.fm-2k, ALS, one seed), drawn into bench/generated'

const k = 10
const candidates = 100
const als = { factors: 256, regularization: 0.007, unobservedWeight: 0.1 }

/** Steps of each reranker from mild to strong. */
const sweeps: Readonly<Record<Exclude<RerankMethod, 'none'>, readonly Partial<RerankSettings>[]>> = {
  mmr: strengths(0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
  dpp: strengths(0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4),
  'calibrated-genres': strengths(0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9),
  'calibrated-popularity': strengths(0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95),
  'genre-caps': [5, 4, 3, 2, 1].map((mostPerGenre) => ({ mostPerGenre })),
}

function strengths(...values: readonly number[]): readonly Partial<RerankSettings>[] {
  return values.map((strength) => ({ strength }))
}

/** What a set of lists comes to. */
type Measured = {
  readonly recall: number
  readonly ndcg: number
  /** 1 - cosine of the artists' ALS vectors, which mmr and dpp work with. */
  readonly distance: number
  /** 1 - cosine of the artists' listeners in train, which no reranker sees. */
  readonly listenerDistance: number
  readonly genreDivergence: number
  readonly popularityDivergence: number
  readonly genreCoverage: number
  readonly coverage: number
}

/**
 * Fits ALS to the train part, ranks 100 candidates a listener with train and validation left out, reranks them to lists of 10
 * and measures these on the test part.
 * @param words number of threads; default one per processor
 */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const workers = openWorkers({ threads: Number(words[0] ?? processorCount()) })
  const scene = await prepare(workers)
  const plain = { label: 'none', measured: await measure(workers, scene, { method: 'none' }) }
  console.error(row(plain))
  const curves: Curve[] = []
  for (const [method, steps] of Object.entries(sweeps) as [RerankMethod, Partial<RerankSettings>[]][]) {
    const points: Point[] = [plain]
    for (const step of steps) {
      const measured = await measure(workers, scene, { method, ...step })
      const point = { label: `${method} ${step.strength ?? step.mostPerGenre}`, measured }
      console.error(row(point))
      points.push(point)
    }
    curves.push({ method, points })
  }
  await workers.close()
  await draw(curves)
  return judged(curves, plain.measured)
}

type Point = { readonly label: string; readonly measured: Measured }
type Curve = { readonly method: RerankMethod; readonly points: readonly Point[] }

const row = ({ label, measured }: Point): string =>
  `${label.padEnd(28)}${Object.entries(measured)
    .map(([name, value]) => `${name} ${value.toFixed(4)}`)
    .join('  ')}`

/** All that the rerankers and measures need. */
type Scene = {
  /** Of the listeners with something to find: what they play, and what is to be found. */
  readonly histories: SparseRows
  readonly heldOut: SparseRows
  readonly ranked: RankedRows
  readonly catalogue: RerankCatalogue
  readonly vectors: { readonly own: Float32Array; readonly d: number }
  readonly artistCount: number
  /** Cosine of the listeners of two artists in train. */
  readonly byListener: Similarity
}

async function prepare(workers: Workers): Promise<Scene> {
  const { plays, taggings } = await readHetrec()
  const { train, validation, test } = randomSplit(plays, { seed: 0, train: 8, validation: 1, test: 1 })
  const { models } = readSettings({ file: { models: { als } } })
  const model = await fitModel('als', { matrix: train, settings: models }, { workers, seed: 0 })
  const users = Int32Array.from(Array(test.rows).keys()).filter(
    (user) => test.rowPtr[user + 1]! > test.rowPtr[user]!,
  )
  const histories = selectRows(train, users)
  const long = await model.recommend({ interactions: histories }, candidates + 20)
  const vectors = model.arrays.artistFactors as Float32Array
  const { genres, genreCount } = await genresOf(taggings, plays.columns)
  const listeners = new Float64Array(plays.columns)
  for (const artist of train.colIndex) listeners[artist]! += 1
  return {
    histories,
    heldOut: selectRows(test, users),
    ranked: withoutMasked(long, selectRows(validation, users)),
    catalogue: {
      similarity: { kind: 'vectors', vectors, d: als.factors },
      genres,
      genreCount,
      buckets: popularityBuckets(listeners),
    },
    vectors: { own: vectors, d: als.factors },
    artistCount: train.columns,
    byListener: listenerCosine(train),
  }
}

/** The first `candidates` of each row that are not masked. */
function withoutMasked(long: RankedRows, masked: SparseRows): RankedRows {
  const artists = new Int32Array(new SharedArrayBuffer(4 * long.rows * candidates)).fill(-1)
  const scores = new Float32Array(new SharedArrayBuffer(4 * long.rows * candidates))
  for (let row = 0; row < long.rows; row++) {
    const hidden = new Set(artistsOf(masked, row))
    let to = row * candidates
    for (let at = row * long.k; at < (row + 1) * long.k && to < (row + 1) * candidates; at++) {
      if (long.artists[at]! < 0 || hidden.has(long.artists[at]!)) continue
      artists[to] = long.artists[at]!
      scores[to++] = long.scores[at]!
    }
  }
  return { rows: long.rows, k: candidates, artists, scores }
}

const artistsOf = ({ rowPtr, colIndex }: SparseRows, row: number): Int32Array =>
  colIndex.subarray(rowPtr[row]!, rowPtr[row + 1]!)

/** Genre of an artist: its most used tag that is a genre of the tree, else its most used tag, else unknown. */
async function genresOf(
  taggings: readonly Tagging[],
  artistCount: number,
): Promise<{ readonly genres: Int32Array; readonly genreCount: number }> {
  const shared = join(process.env.TASTEMAKER_SHARED ?? '../shared', 'data')
  const tree = await readFile(join(shared, 'genre-tree', 'genres-tree.yaml'), 'utf8')
  const known = new Set(
    tree.split('\n').map((entry) =>
      entry
        .replace(/^\s*- /, '')
        .replace(/:\s*$/, '')
        .trim(),
    ),
  )
  const tags = await readFile(join(shared, 'hetrec2011-lastfm-2k', 'tags.dat'), 'utf8')
  const nameOf = new Map(
    tags.split('\n').map((entry) => {
      const [id = '', name = ''] = entry.trim().split('\t')
      return [id, name.toLowerCase()] as const
    }),
  )
  const indices = new Map<string, number>()
  const genres = new Int32Array(new SharedArrayBuffer(4 * artistCount)).fill(-1)
  for (const [artist, counts] of tagCounts(taggings, (tagging) => tagging.artist)) {
    const byUse = [...counts].sort((a, b) => b[1] - a[1] || Number(a[0]) - Number(b[0]))
    const [tag] = byUse.find(([id]) => known.has(nameOf.get(id) ?? '')) ?? byUse[0]!
    const name = nameOf.get(tag) ?? tag
    if (!indices.has(name)) indices.set(name, indices.size)
    genres[artist] = indices.get(name)!
  }
  return { genres, genreCount: indices.size }
}

async function measure(
  workers: Workers,
  { histories, heldOut, ranked, catalogue, vectors, byListener, artistCount }: Scene,
  step: Partial<RerankSettings>,
): Promise<Measured> {
  const settings = { ...readSettings().serving.rerank, ...step }
  const { artists } = await rerankRows(workers, ranked, { catalogue, histories, settings, k })
  const genres = { of: catalogue.genres, count: catalogue.genreCount }
  const buckets = { of: catalogue.buckets, count: bucketCount }
  const byVector = cosineSimilarity(vectors.own, vectors.d)
  const lists = Array.from({ length: ranked.rows }, (_, row) => {
    const list = artists.subarray(row * k, (row + 1) * k)
    const own = artistsOf(histories, row)
    const { recall, ndcg } = measureList(list, new Set(artistsOf(heldOut, row)), k)
    return {
      recall,
      ndcg,
      distance: intraListDistance(list, byVector),
      listenerDistance: intraListDistance(list, byListener),
      genreDivergence: calibrationDivergence(own, list, genres),
      popularityDivergence: calibrationDivergence(own, list, buckets),
      genreCoverage: measureCategories(list, genres).coverage,
    }
  })
  const meanOf = (name: keyof (typeof lists)[number]): number => {
    const values = lists.map((list) => list[name]).filter((value) => !Number.isNaN(value))
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }
  return {
    recall: meanOf('recall'),
    ndcg: meanOf('ndcg'),
    distance: meanOf('distance'),
    listenerDistance: meanOf('listenerDistance'),
    genreDivergence: meanOf('genreDivergence'),
    popularityDivergence: meanOf('popularityDivergence'),
    genreCoverage: meanOf('genreCoverage'),
    coverage: measureSpread(artists, artistCount).coverage,
  }
}

/** Shared listeners over the root of the product of listeners. */
function listenerCosine(train: SparseRows): Similarity {
  const sets = Array.from({ length: train.columns }, () => new Set<number>())
  for (let user = 0; user < train.rows; user++)
    for (const artist of artistsOf(train, user)) sets[artist]!.add(user)
  return (first, second) => {
    const [a, b] = [sets[first]!, sets[second]!]
    const product = a.size * b.size
    return product === 0 ? 0 : a.intersection(b).size / Math.sqrt(product)
  }
}

const charts = [
  { file: 'rerank-distance', of: 'distance', label: 'intra-list distance (1 - cosine of ALS vectors)' },
  {
    file: 'rerank-listeners',
    of: 'listenerDistance',
    label: 'intra-list distance (1 - cosine of listeners)',
  },
  {
    file: 'rerank-genres',
    of: 'genreDivergence',
    label: 'genre calibration KL (less is nearer to the own mix)',
  },
  { file: 'rerank-coverage', of: 'coverage', label: 'share of all artists in some list' },
] as const

/** One drawing for each kind of variety, into bench/generated. */
async function draw(curves: readonly Curve[]): Promise<void> {
  const folder = new URL('generated/', import.meta.url)
  await mkdir(folder, { recursive: true })
  for (const { file, of, label } of charts) {
    const series = curves.map(
      ({ method, points }): Series => ({
        name: method,
        points: points.map(({ measured }) => [measured[of], measured.recall]),
        hints: points.map((point) => `${point.label}: recall ${point.measured.recall.toFixed(4)}`),
      }),
    )
    const svg = lineChart({
      title: 'What variety costs',
      subtitle: `HetRec Last.fm-2k, ALS, lists of ${k} out of ${candidates} candidates; all lines begin at the model's order`,
      x: { label },
      y: { label: `recall@${k}` },
      series,
    })
    await writeFile(new URL(`${file}.svg`, folder), svg)
    console.error(`drew bench/generated/${file}.svg`)
  }
}

/** By how much each reranker must at least change what it is for, keeping 98% of the recall. */
const aims = [
  { method: 'mmr', of: 'distance', factor: 1.05 },
  { method: 'dpp', of: 'distance', factor: 1.05 },
  { method: 'calibrated-genres', of: 'genreDivergence', factor: 0.8 },
  { method: 'calibrated-popularity', of: 'popularityDivergence', factor: 0.8 },
] as const
const recallKept = 0.98

function judged(curves: readonly Curve[], plain: Measured): BenchResult {
  const figures: Record<string, number> = {}
  const goals: Record<string, string> = {}
  for (const { points } of curves)
    for (const { label, measured } of points)
      for (const [name, value] of Object.entries(measured)) figures[`${label}.${name}`] = value
  const met = aims.map(({ method, of, factor }) => {
    const { points } = curves.find((curve) => curve.method === method)!
    const ratios = points
      .filter(({ measured }) => measured.recall >= recallKept * plain.recall)
      .map(({ measured }) => measured[of] / plain[of])
    const best = factor > 1 ? Math.max(...ratios) : Math.min(...ratios)
    figures[`${method}.${of} of the model's`] = best
    goals[`${method}.${of} of the model's`] =
      `at ${factor > 1 ? 'least' : 'most'} ${factor}, with ${recallKept} of the recall`
    return factor > 1 ? best >= factor : best <= factor
  })
  return { figures, goals, pass: met.every(Boolean) }
}
