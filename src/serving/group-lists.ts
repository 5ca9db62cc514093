// The lists that serve many: one a segment and one for everybody, from a model that knows segments.
import type { Calibration } from '../data/calibration.ts'
import type { ArtistFeatures } from '../data/features.ts'
import { emptyRows } from '../data/interaction-matrix.ts'
import type { Model } from '../data/model.ts'
import type { RankedList } from '../data/ranked-list.ts'
import { probabilities } from './calibrate.ts'
import { rankedArtist } from './ranked-artist.ts'
import { popularWhy, segmentWhy } from './why.ts'

/** The popular list and the segments' lists. */
export type GroupLists = {
  readonly popular: RankedList
  /** By segment index, as in `labels`; index 0 is everybody, and is the popular list. */
  readonly bySegment: readonly RankedList[]
  readonly labels: readonly string[]
  /** Parent of each segment, -1 for everybody. */
  readonly parent: Int32Array
}

/** What the lists of groups are made of. */
export type GroupListsInput = {
  /** Usually the popularity model: it answers an empty history with the segment's own favourites. */
  readonly model: Model
  readonly modelVersion: string
  readonly artists: readonly ArtistFeatures[]
  /** `everybody` first, then `US`, `25-34|US`, ...; in the order of the model's segment indices. */
  readonly labels: readonly string[]
  readonly parent: Int32Array
  readonly k: number
  /** ms UTC. */
  readonly generatedAt: number
  readonly calibration?: Calibration | undefined
}

/** Ranks artists for everybody and for each segment. A segment without candidates gets an empty list: the ladder then goes on upward. */
export async function rankGroups(input: GroupListsInput): Promise<GroupLists> {
  const { model, labels, k } = input
  const histories = {
    interactions: emptyRows(labels.length, model.artistCount, 0),
    segments: Int32Array.from(labels, (_, index) => index),
  }
  const ranked = await model.recommend(histories, k)
  const bySegment = labels.map((label, row): RankedList => {
    const found = ranked.artists.subarray(row * ranked.k, (row + 1) * ranked.k).indexOf(-1)
    const length = found < 0 ? ranked.k : found
    const chances = probabilities(
      ranked.scores.subarray(row * ranked.k, row * ranked.k + length),
      input.calibration,
    )
    return {
      userId: '',
      source: row === 0 ? 'popular' : 'segment',
      model: model.name,
      modelVersion: input.modelVersion,
      generatedAt: input.generatedAt,
      artists: chances.map((probability, at) => {
        const artist = input.artists[ranked.artists[row * ranked.k + at]!]!
        return rankedArtist(artist, probability, row === 0 ? popularWhy : segmentWhy(label))
      }),
    }
  })
  return { popular: bySegment[0]!, bySegment, labels, parent: input.parent }
}

/** The rungs below a personal list: the listener's segment, its parents, and last the popular list. */
export function rungsOf(groups: GroupLists, segment: number): readonly RankedList[] {
  const rungs: RankedList[] = []
  for (let at = segment; at > 0; at = groups.parent[at]!) rungs.push(groups.bySegment[at]!)
  return [...rungs, groups.popular]
}
