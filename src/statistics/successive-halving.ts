// Successive halving: many candidates measured cheaply, the better part of them measured again with more, until few are left.
import { TastemakerError } from '../errors.ts'

/** One round of a schedule: how many candidates are measured, each with which share (0..1] of the whole resource. */
export type Rung = { readonly candidates: number; readonly resource: number }

/** The shape of a schedule. */
export type HalvingShape = {
  /** Of so many candidates one goes on, with so many times the resource; from 2 on. The papers call it eta. */
  readonly reduction: number
  /** Rungs at most, from 1 on; the last has the whole resource. */
  readonly rungs: number
}

/**
 * Rungs of successive halving (Jamieson and Talwalkar 2016): with reduction 3 and 3 rungs
 *
 *   27 candidates at 1/9   ->   9 at 1/3   ->   3 at 1
 *
 * Fewer candidates than the first rungs need leave those rungs out; no candidates give no rungs.
 */
export function halvingRungs(candidates: number, shape: HalvingShape): readonly Rung[] {
  checkShape(shape)
  const { reduction, rungs } = shape
  const all = Array.from({ length: rungs }, (_, at) => ({
    candidates: Math.floor(candidates / reduction ** at),
    resource: reduction ** (at + 1 - rungs),
  }))
  const fitting = all.filter((rung) => rung.candidates >= 1)
  // The last rungs are those that are kept: the resource must reach 1, and the first rung must hold all candidates.
  return fitting.map((rung, at) => ({
    candidates: rung.candidates,
    resource: all[rungs - fitting.length + at]!.resource,
  }))
}

/**
 * The brackets of Hyperband (Li et al. 2018, algorithm 1): several schedules, from many candidates with little resource to
 * few with all of it from the start, so that no guess is needed of how far a cheap measurement can be trusted.
 * Bracket s of s = rungs - 1 .. 0 begins with ceil(rungs / (s + 1) * reduction^s) candidates at reduction^-s.
 */
export function hyperbandBrackets(shape: HalvingShape): readonly (readonly Rung[])[] {
  checkShape(shape)
  const { reduction, rungs } = shape
  return Array.from({ length: rungs }, (_, at) => {
    const s = rungs - 1 - at
    const candidates = Math.ceil((rungs / (s + 1)) * reduction ** s)
    return halvingRungs(candidates, { reduction, rungs: s + 1 })
  })
}

/** Measurements that a schedule takes. */
export const measurementsOf = (rungs: readonly Rung[]): number =>
  rungs.reduce((sum, { candidates }) => sum + candidates, 0)

/** Indices of the `keep` highest values, best first; equal ones in order of index, what is not a number last. */
export function leaders(values: ArrayLike<number>, keep: number): readonly number[] {
  const rank = (at: number) => {
    const value = values[at]!
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value
  }
  return Array.from(values, (_, at) => at)
    .sort((a, b) => (rank(a) === rank(b) ? a - b : rank(b) - rank(a)))
    .slice(0, keep)
}

function checkShape({ reduction, rungs }: HalvingShape): void {
  if (reduction >= 2 && Number.isInteger(rungs) && rungs >= 1) return
  throw new TastemakerError(
    'bad-argument',
    `A schedule needs a reduction from 2 on and 1 rung or more; it got ${reduction} and ${rungs}.`,
  )
}
