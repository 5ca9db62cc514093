// Popularity within a segment of listeners, leaning on the parent segment where the own evidence is thin.
import { emptyRows, type SparseRows, selectRows } from '../data/interaction-matrix.ts'
import type { Model } from '../data/model.ts'
import { TastemakerError } from '../errors.ts'
import { kernels } from '../kernels/kernels.ts'
import {
  type Algorithm,
  emptyRanking,
  type FitInput,
  floats,
  lengthOf,
  type ModelParts,
  numberOption,
  type Segments,
  wholes,
} from './algorithm.ts'
import { scorePlaces } from './popularity.ts'

/**
 * p(artist | segment) = (count in the segment + tau * p(artist | parent)) / (all counts of the segment + tau), where the
 * root is all listeners (Dirichlet smoothing, tau = `shrinkage`). A count is one listener with the artist in the
 * history, whatever the confidence: one heavy listener does not speak for a city. A parent counts all below it.
 * Listeners of no known segment get the root's answer.
 */
export const segmentPopularity: Algorithm = {
  async fit({ matrix, settings, segments }: FitInput) {
    const known = checked(segments ?? noSegments(matrix.rows), matrix.rows)
    const counts = countBySegment(matrix, known)
    return {
      artistCount: matrix.columns,
      options: { segmentShrinkage: settings.segmentPopularity.shrinkage },
      arrays: {
        parent: known.parent,
        segmentPtr: counts.rowPtr,
        segmentArtists: counts.colIndex,
        segmentCounts: counts.values,
      },
    }
  },
  open: openSegmentPopularity,
}

const noSegments = (rows: number): Segments => ({
  count: 0,
  ofUser: new Int32Array(rows).fill(-1),
  parent: new Int32Array(0),
})

function checked(segments: Segments, rows: number): Segments {
  const { count, ofUser, parent } = segments
  if (ofUser.length !== rows || parent.length !== count || ofUser.some((segment) => segment >= count))
    throw new TastemakerError(
      'bad-argument',
      `${count} segments came with ${parent.length} parents, and ${ofUser.length} users for ${rows} rows, or a user is of none of them.`,
    )
  for (let segment = 0; segment < count; segment++) ancestry(parent, segment)
  return segments
}

/** A segment and all above it, nearest first; `bad-argument` for a circle. -1 gives nothing. */
function ancestry(parent: Int32Array, segment: number): number[] {
  const chain: number[] = []
  for (let at = segment; at >= 0; at = parent[at] ?? -1) {
    chain.push(at)
    if (chain.length > parent.length)
      throw new TastemakerError('bad-argument', `Segment ${segment} is among its own ancestors.`)
  }
  return chain
}

/** (segments + 1) x artists: listeners with the artist in each segment, all below it included; the last row is everybody. */
function countBySegment(matrix: SparseRows, { count, ofUser, parent }: Segments): SparseRows {
  const members: number[][] = Array.from({ length: count + 1 }, () => [])
  for (let user = 0; user < matrix.rows; user++) {
    for (const segment of ancestry(parent, ofUser[user]!)) members[segment]!.push(user)
    members[count]!.push(user)
  }
  const rows = members.map((users) => columnCounts(selectRows(matrix, users)))
  const entries = rows.reduce((sum, row) => sum + row.length, 0)
  const out = emptyRows(count + 1, matrix.columns, entries)
  let to = 0
  for (const [segment, row] of rows.entries()) {
    for (const [artist, listeners] of row) {
      out.colIndex[to] = artist
      out.values[to++] = listeners
    }
    out.rowPtr[segment + 1] = to
  }
  return out
}

function columnCounts({ columns, colIndex }: SparseRows): [column: number, count: number][] {
  const counts = new Int32Array(columns)
  for (const column of colIndex) counts[column]! += 1
  const found: [number, number][] = []
  for (let column = 0; column < columns; column++)
    if (counts[column]! > 0) found.push([column, counts[column]!])
  return found
}

function openSegmentPopularity(parts: ModelParts): Model {
  const { artistCount } = parts
  const count = lengthOf(parts.arrays, 'parent')
  const parent = wholes(parts, 'parent', count)
  const counts = readCounts(parts, count + 1)
  const tau = numberOption(parts, 'segmentShrinkage')
  return {
    ...parts,
    async recommend(histories, k, { excludeKnown = true, onProgress } = {}) {
      const ranking = emptyRanking(artistCount, histories, k)
      const exclude = excludeKnown ? histories.interactions : undefined
      const out = { columns: ranking.artists, scores: ranking.scores }
      let done = 0
      for (const [segment, rows] of rowsBySegment(histories.segments, ranking.rows, count)) {
        const scores = segmentShares(counts, [...ancestry(parent, segment), count], tau)
        const longest = rows.reduce(
          (most, row) => Math.max(most, historyLength(histories.interactions, row)),
          0,
        )
        const order = bestOf(scores, k + longest)
        for (const row of rows) kernels.orderTop({ order, scores, exclude, k }, row, out)
        done += rows.length
        onProgress?.(done / ranking.rows)
      }
      return ranking
    },
    async score(histories, candidates) {
      const known = new Map<number, Float32Array>()
      const sharesOf = (segment: number): Float32Array => {
        const shares = known.get(segment) ?? segmentShares(counts, [...ancestry(parent, segment), count], tau)
        known.set(segment, shares)
        return shares
      }
      const scoreOf = (row: number, artist: number) =>
        sharesOf(knownSegment(histories.segments, row, count))[artist]!
      return scorePlaces(parts, { histories, candidates, scoreOf })
    },
  }
}

function readCounts(parts: ModelParts, rows: number): SparseRows {
  const entries = lengthOf(parts.arrays, 'segmentArtists')
  return {
    rows,
    columns: parts.artistCount,
    rowPtr: wholes(parts, 'segmentPtr', rows + 1),
    colIndex: wholes(parts, 'segmentArtists', entries),
    values: floats(parts, 'segmentCounts', entries),
  }
}

function rowsBySegment(segments: Int32Array | undefined, rows: number, count: number): Map<number, number[]> {
  const found = new Map<number, number[]>()
  for (let row = 0; row < rows; row++) {
    const segment = knownSegment(segments, row, count)
    const group = found.get(segment)
    if (group) group.push(row)
    else found.set(segment, [row])
  }
  return found
}

/** The segment of a row, -1 where it is none of the `count` known ones. */
function knownSegment(segments: Int32Array | undefined, row: number, count: number): number {
  const given = segments?.[row] ?? -1
  return given >= 0 && given < count ? given : -1
}

const historyLength = (rows: SparseRows, row: number): number => rows.rowPtr[row + 1]! - rows.rowPtr[row]!

/** p(artist | segment) for all artists, from the root (last of the chain) down to the segment (first). */
function segmentShares(counts: SparseRows, chain: readonly number[], tau: number): Float32Array {
  const shares = new Float64Array(counts.columns)
  for (const [depth, segment] of chain.toReversed().entries()) {
    const weight = depth === 0 ? 0 : tau
    const [from, to] = [counts.rowPtr[segment]!, counts.rowPtr[segment + 1]!]
    let total = weight
    for (let at = from; at < to; at++) total += counts.values[at]!
    if (total === 0) continue
    for (let artist = 0; artist < shares.length; artist++) shares[artist]! *= weight / total
    for (let at = from; at < to; at++) shares[counts.colIndex[at]!]! += counts.values[at]! / total
  }
  return Float32Array.from(shares)
}

function bestOf(scores: Float32Array, length: number): Int32Array {
  const kept = Math.min(length, scores.length)
  const top = kernels.createTop(kept)
  for (let artist = 0; artist < scores.length; artist++) top.offer(artist, scores[artist]!)
  const order = new Int32Array(kept)
  top.drain(order, new Float32Array(kept), 0)
  return order
}
