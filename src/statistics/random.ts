// Seeded chance: one small generator and the distributions drawn from it, the same on every machine.
import { TastemakerError } from '../errors.ts'

/** A stream of seeded chance. Every draw moves it on; two streams of the same seed give the same draws. */
export type Random = {
  /** In [0, 1), 53 random bits. */
  uniform(): number
  /** A whole number 0..n-1, each equally likely; n from 1 to 2^53, else `bad-argument`. */
  below(n: number): number
  /** Mean 0, standard deviation 1. */
  normal(): number
  /** Mean 1. */
  exponential(): number
  /** A count with the given mean >= 0. */
  poisson(mean: number): number
  /** Shape > 0, scale 1: mean `shape`. */
  gamma(shape: number): number
  /** In [0, 1], mean a / (a + b); a and b > 0. */
  beta(a: number, b: number): number
  /** The items in random order, as a new array. */
  shuffle<T>(items: readonly T[]): T[]
  /** Another stream that depends on this one's seed and the label only, not on the draws made so far. */
  fork(label: string): Random
}

/**
 * A stream of chance: xoshiro128** (Blackman and Vigna, 2018) started by splitmix-style mixing of the seed.
 * @param seed any number; only its whole part is used, modulo 2^53. Not for secrets.
 */
export function createRandom(seed: number): Random {
  const whole = Math.trunc(seed)
  const low = whole >>> 0
  const high = Math.floor(whole / 2 ** 32) >>> 0
  const next = xoshiro(
    mix(low ^ mix(high)),
    mix(high ^ mix(low ^ 0x5bf0_3635)),
    mix(high + mix(low + 0x9e37_79b9)),
    mix(low ^ mix(high ^ 0x3c6e_f372)),
  )
  const uniform = () => ((next() >>> 5) * 67_108_864 + (next() >>> 6)) / 2 ** 53
  const normal = normals(uniform)
  const gamma = (shape: number) => drawGamma(shape, uniform, normal)
  return {
    uniform,
    below: (n) => drawBelow(n, uniform),
    normal,
    exponential: () => -Math.log(1 - uniform()),
    poisson: (mean) => drawPoisson(mean, uniform, gamma),
    gamma,
    beta: (a, b) => drawBeta(gamma(a), gamma(b)),
    shuffle: (items) => shuffled(items, uniform),
    fork: (label) => createRandom(mix(low ^ hash(label)) + 2 ** 32 * (mix(high + hash(`${label}'`)) >>> 11)),
  }
}

/** xoshiro128**, 32 bits a call. The state must not be all zero: one bit of it is set from the start. */
function xoshiro(a0: number, b0: number, c0: number, d0: number): () => number {
  let [a, b, c, d] = [a0 | 0, b0 | 0, c0 | 0, d0 | 1]
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return result
  }
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/** A bijection of 32-bit words that spreads each bit over all (the finalizer of MurmurHash3, Appleby 2011). */
function mix(word: number): number {
  let at = word | 0
  at = Math.imul(at ^ (at >>> 16), 0x85eb_ca6b)
  at = Math.imul(at ^ (at >>> 13), 0xc2b2_ae35)
  return (at ^ (at >>> 16)) >>> 0
}

/** FNV-1a of the UTF-16 units (Fowler, Noll, Vo). */
function hash(text: string): number {
  let at = 0x811c_9dc5
  for (let index = 0; index < text.length; index++) at = Math.imul(at ^ text.charCodeAt(index), 0x0100_0193)
  return at >>> 0
}

/** Polar method (Marsaglia and Bray, 1964): two normals a round, the second kept for the next call. */
function normals(uniform: () => number): () => number {
  let kept: number | undefined
  return () => {
    if (kept !== undefined) {
      const value = kept
      kept = undefined
      return value
    }
    for (;;) {
      const x = 2 * uniform() - 1
      const y = 2 * uniform() - 1
      const square = x * x + y * y
      if (square >= 1 || square === 0) continue
      const scale = Math.sqrt((-2 * Math.log(square)) / square)
      kept = y * scale
      return x * scale
    }
  }
}

function drawBelow(n: number, uniform: () => number): number {
  if (!(Number.isSafeInteger(n) && n >= 1))
    throw new TastemakerError('bad-argument', `below(n) needs a whole number from 1 on; n is ${n}.`)
  return Math.floor(uniform() * n)
}

/** Marsaglia and Tsang (2000); shapes below 1 by the power of a uniform. */
function drawGamma(shape: number, uniform: () => number, normal: () => number): number {
  if (!(shape > 0)) throw new TastemakerError('bad-argument', `A gamma shape must be > 0; it is ${shape}.`)
  if (shape < 1) return drawGamma(shape + 1, uniform, normal) * (1 - uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = normal()
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    if (Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

/** Small shapes may round both gammas to 0; then each end is equally likely in the limit, and the middle is a fair answer. */
const drawBeta = (a: number, b: number): number => (a + b > 0 ? a / (a + b) : 0.5)

/** Knuth's product of uniforms for small means; larger means halve by the gamma arrival time (Ahrens and Dieter, 1974). */
function drawPoisson(mean: number, uniform: () => number, gamma: (shape: number) => number): number {
  if (!(mean >= 0 && mean < 1e15))
    throw new TastemakerError('bad-argument', `A Poisson mean must be >= 0 and below 1e15; it is ${mean}.`)
  let left = mean
  let count = 0
  while (left > 16) {
    const events = Math.floor(left * 0.875)
    const time = gamma(events)
    if (time > left) return count + drawBinomial(events - 1, left / time, uniform, gamma)
    count += events
    left -= time
  }
  const limit = Math.exp(-left)
  for (let product = 1 - uniform(); product > limit; product *= 1 - uniform()) count++
  return count
}

/** Successes among `trials`, by the median order statistic (a beta) until few trials are left (Relles, 1972). */
function drawBinomial(
  trials: number,
  chance: number,
  uniform: () => number,
  gamma: (shape: number) => number,
): number {
  let [left, p, count] = [trials, chance, 0]
  while (left > 24) {
    const middle = 1 + Math.floor(left / 2)
    const cut = drawBeta(gamma(middle), gamma(left + 1 - middle))
    if (cut <= p) {
      count += middle
      left -= middle
      p = (p - cut) / (1 - cut)
    } else {
      left = middle - 1
      p /= cut
    }
  }
  for (let trial = 0; trial < left; trial++) if (uniform() < p) count++
  return count
}

/** Fisher and Yates, from the last place down. */
function shuffled<T>(items: readonly T[], uniform: () => number): T[] {
  const out = [...items]
  for (let last = out.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1))
    const item = out[last]!
    out[last] = out[other]!
    out[other] = item
  }
  return out
}
