// Accuracy for new listeners as a curve: how good lists are when 0, 1, 2, 5 and 10 of somebody's artists are known.
import { type SparseRows, sparseRows, type Triple } from '../../src/data/interaction-matrix.ts'
import type { Histories, Model } from '../../src/data/model.ts'
import { measureList } from '../../src/evaluation/metrics.ts'
import { createRandom } from '../../src/statistics/random.ts'

/** How many artists of a new listener are known, point by point of the curve. */
export const given = [0, 1, 2, 5, 10] as const
const mostGiven = 10

/** Listeners that no model sees in training. */
export type NewListeners = {
  /** Rows of the whole matrix, ascending: those trained on, and the new ones. */
  readonly known: readonly number[]
  readonly fresh: readonly number[]
  /** For each new one: artists that may be given, in order, ten at most; and those to be found. */
  readonly offered: readonly (readonly number[])[]
  readonly wanted: readonly ReadonlySet<number>[]
}

/** Holds out one listener in seven; of each, half of the artists are to be found and ten of the rest may be given. */
export function holdOutListeners(matrix: SparseRows, seed: number): NewListeners {
  const random = createRandom(seed).fork('new listeners')
  const order = random.shuffle(Array.from({ length: matrix.rows }, (_, row) => row))
  const ascending = (rows: number[]) => rows.sort((a, b) => a - b)
  const fresh = ascending(order.slice(0, Math.floor(matrix.rows / 7)))
  const known = ascending(order.slice(Math.floor(matrix.rows / 7)))
  const shuffled = fresh.map((row) =>
    random.shuffle([...matrix.colIndex.subarray(matrix.rowPtr[row]!, matrix.rowPtr[row + 1]!)]),
  )
  const half = (artists: readonly number[]) => Math.floor(artists.length / 2)
  return {
    known,
    fresh,
    wanted: shuffled.map((artists) => new Set(artists.slice(0, half(artists)))),
    offered: shuffled.map((artists) => artists.slice(half(artists), half(artists) + mostGiven)),
  }
}

/** A model with what it may know of the new listeners besides their artists. */
export type Contender = {
  readonly name: string
  readonly model: Model
  readonly about?: Pick<Histories, 'segments' | 'features'>
}

/** Figures by `<contender>.<given>.recall@10` and `.ndcg@10`: means over new listeners with something to find. */
export async function measureCurve(
  contenders: readonly Contender[],
  { offered, wanted }: NewListeners,
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  for (const { name, model, about } of contenders)
    for (const count of given) {
      const cells = offered.flatMap((artists, row) =>
        artists.slice(0, count).map((artist): Triple => [row, artist, 1]),
      )
      const interactions = sparseRows(offered.length, model.artistCount, cells)
      const { artists } = await model.recommend({ interactions, ...about }, 10)
      const measured = wanted.flatMap((targets, row) =>
        targets.size > 0 ? [measureList(artists.subarray(row * 10, row * 10 + 10), targets, 10)] : [],
      )
      for (const metric of ['recall', 'ndcg'] as const)
        figures[`${name}.${count}.${metric}@10`] =
          measured.reduce((sum, list) => sum + list[metric], 0) / measured.length
    }
  return figures
}
