// Affinity: how likely a listener takes to an artist, the truth that a recommender should find again.
import { tasteFactors } from './genres.ts'

/** Gives the affinity, 0..1, of a listener for an artist, by index. */
export type Affinity = (listener: number, artist: number) => number

const sharpness = 8
const centre = 0.48
const quirkiness = 1.1

/**
 * A planted low-rank structure with noise: the logistic of the scaled cosine of two taste vectors, plus a quirk
 * of the pair in [-1, 1] that no model can know before it has seen the pair.
 * @param listeners unit vectors, listeners x `tasteFactors`; `artists` likewise
 * @param salt 32 bits that decide the quirks
 */
export function createAffinity(listeners: Float32Array, artists: Float32Array, salt: number): Affinity {
  return (listener, artist) => {
    const from = listener * tasteFactors
    const to = artist * tasteFactors
    let cosine = 0
    for (let f = 0; f < tasteFactors; f++) cosine += listeners[from + f]! * artists[to + f]!
    return 1 / (1 + Math.exp(-sharpness * (cosine - centre) - quirkiness * quirk(listener, artist, salt)))
  }
}

/** A number in [-1, 1] with a triangular distribution, always the same for a pair. */
function quirk(listener: number, artist: number, salt: number): number {
  let bits = Math.imul(listener ^ salt, 0x9e37_79b1) ^ Math.imul(artist + 0x7f4a, 0x85eb_ca6b)
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b_3c6d)
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a_2d39)
  bits ^= bits >>> 15
  return ((bits & 0xffff) + (bits >>> 16)) / 0xffff - 1
}
