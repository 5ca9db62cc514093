// Ranks artists for every listener: block by block through the model, calibrated, explained, and filled from the ladder.
import type { Calibration } from '../data/calibration.ts'
import type { ArtistFeatures } from '../data/features.ts'
import { type SparseRows, selectRows } from '../data/interaction-matrix.ts'
import type { Histories, Model, RankedRows } from '../data/model.ts'
import type { RankedArtist, RankedList } from '../data/ranked-list.ts'
import type { Vocabulary } from '../data/vocabulary.ts'
import { TastemakerError } from '../errors.ts'
import { probabilities } from './calibrate.ts'
import { type GroupLists, rungsOf } from './group-lists.ts'
import { descend } from './ladder.ts'
import { rankedArtist } from './ranked-artist.ts'
import type { Nearest } from './similar-artists.ts'
import { becauseWhy, closeWhy, modelWhy, type Reasons } from './why.ts'

/** What lists are made of. */
export type RankAllInput = {
  readonly model: Model
  readonly modelVersion: string
  /** Row r is the listener `users.ids[r]`; segments index `fallback.labels`. */
  readonly histories: Histories
  readonly users: Vocabulary
  /** By the model's artist index. */
  readonly artists: readonly ArtistFeatures[]
  /** The segment and popular lists that serve who has no history, and fill short lists. */
  readonly fallback: GroupLists
  /** Length of the lists. */
  readonly k: number
  /** Leave out the artists in the listener's history. */
  readonly excludeKnown: boolean
  /** ms UTC. */
  readonly generatedAt: number
  /** Of the model's raw scores; undefined: see `probabilities`. */
  readonly calibration?: Calibration | undefined
  /**
   * For how many artists of each list the model is asked what moved their score, which costs it about a solve each; the
   * rest name artists they are close to. Default 10.
   */
  readonly explained?: number
  /** See `rememberNearest`; left out, the artists behind `explained` only say that the model chose them. */
  readonly nearest?: Nearest | undefined
  /** Chooses each list among more candidates than it holds; left out: the model's k best in its order. */
  readonly rerank?: Rerank | undefined
  /** Listeners ranked per call of the model; default 1,024. */
  readonly blockSize?: number
  /** Called with the share done, 0..1. */
  readonly onProgress?: (share: number) => void
}

/** A choice among candidates. */
export type Rerank = {
  /** Artists that the model puts up per listener; at least k are asked for. */
  readonly candidates: number
  /** The k artists chosen in each row, with their raw scores, in the order shown. */
  choose(ranked: RankedRows, histories: SparseRows, k: number): Promise<RankedRows>
}

/**
 * The ranked list of each listener, in the vocabulary's order. A listener without history gets the list of the segment,
 * one who knows every artist gets the known ones; no list is empty as long as the popular list is not.
 * Throws `bad-argument` when histories, users and artists do not fit together.
 */
export async function* rankAll(input: RankAllInput): AsyncGenerator<RankedList> {
  refuseMisfit(input)
  const { histories, blockSize = 1024 } = input
  const { rows } = histories.interactions
  for (let from = 0; from < rows; from += blockSize) {
    const indices = Array.from({ length: Math.min(blockSize, rows - from) }, (_, at) => from + at)
    const block: Histories = {
      interactions: selectRows(histories.interactions, indices),
      ...(histories.segments && { segments: histories.segments.slice(from, from + indices.length) }),
      ...(histories.features && { features: selectRows(histories.features, indices) }),
    }
    const ranked = await rankBlock(input, block)
    for (const [row, userIndex] of indices.entries()) yield listOf(input, { block, ranked, row, userIndex })
    input.onProgress?.((from + indices.length) / rows)
  }
}

async function rankBlock(
  { model, k, excludeKnown, rerank }: RankAllInput,
  block: Histories,
): Promise<RankedRows> {
  if (!rerank) return model.recommend(block, k, { excludeKnown })
  const ranked = await model.recommend(block, Math.max(k, rerank.candidates), { excludeKnown })
  return rerank.choose(ranked, block.interactions, k)
}

type Place = {
  readonly block: Histories
  readonly ranked: RankedRows
  readonly row: number
  readonly userIndex: number
}

function listOf(input: RankAllInput, place: Place): RankedList {
  const { block, row, userIndex } = place
  const known = artistsOfRow(block.interactions, row)
  const personal: RankedList = {
    userId: input.users.idOf(userIndex),
    source: 'personal',
    model: input.model.name,
    modelVersion: input.modelVersion,
    generatedAt: input.generatedAt,
    artists: known.length === 0 ? [] : personalArtists(input, place),
  }
  if (personal.artists.length >= input.k) return personal
  const without = new Set(input.excludeKnown ? [...known].map((index) => input.artists[index]!.artistId) : [])
  const rungs = rungsOf(input.fallback, block.segments?.[row] ?? 0)
  const list = descend(personal, rungs, { k: input.k, without })
  // Who knows every artist there is gets known ones: a list is never empty.
  return list.artists.length > 0 ? list : descend(personal, rungs, { k: input.k })
}

function personalArtists(input: RankAllInput, place: Place): readonly RankedArtist[] {
  const { ranked, row } = place
  const artists = ranked.artists.subarray(row * ranked.k, (row + 1) * ranked.k)
  const end = artists.indexOf(-1)
  const length = end < 0 ? ranked.k : end
  const chances = inOrder(ranked.scores.subarray(row * ranked.k, row * ranked.k + length), input.calibration)
  const history = oneRow(place.block, row)
  const nameOf = (index: number) => input.artists[index]!.name
  const reasons: Reasons = {
    model: input.model,
    history,
    own: new Set(history.interactions.colIndex),
    nameOf,
    nearest: input.nearest,
  }
  return chances.map((probability, at) => {
    const index = artists[at]!
    const because = at < (input.explained ?? 10) ? becauseWhy(reasons, index) : undefined
    const why = because ?? closeWhy(reasons, index) ?? modelWhy
    return rankedArtist(input.artists[index]!, probability, why)
  })
}

/** The probability of each place, whatever the order: a reranked list shows an artist's own chance, not its neighbour's. */
function inOrder(scores: Float32Array, calibration: Calibration | undefined): number[] {
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b)
  const falling = probabilities(
    order
      .values()
      .map((place) => scores[place]!)
      .toArray(),
    calibration,
  )
  const out: number[] = new Array(scores.length).fill(0)
  for (const [at, place] of order.entries()) out[place] = falling[at]!
  return out
}

const artistsOfRow = (matrix: SparseRows, row: number): Int32Array =>
  matrix.colIndex.subarray(matrix.rowPtr[row]!, matrix.rowPtr[row + 1]!)

function oneRow(histories: Histories, row: number): Histories {
  return {
    interactions: selectRows(histories.interactions, [row]),
    ...(histories.segments && { segments: histories.segments.slice(row, row + 1) }),
    ...(histories.features && { features: selectRows(histories.features, [row]) }),
  }
}

function refuseMisfit({ histories, users, artists, model, fallback }: RankAllInput): void {
  const { rows, columns } = histories.interactions
  const fits = rows === users.size && columns === model.artistCount && artists.length === model.artistCount
  if (!fits)
    throw new TastemakerError(
      'bad-argument',
      `Histories of ${rows} x ${columns} do not fit ${users.size} users, ${artists.length} artists and a model of ${model.artistCount}.`,
    )
  if (fallback.popular.artists.length === 0)
    throw new TastemakerError('bad-argument', 'The popular list is empty; without it a list could be empty.')
}
