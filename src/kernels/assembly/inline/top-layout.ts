// Where assembly/top.ts keeps what it knows of the artists, of a block, of a listener and of a batch; offsets are in bytes.

export const blockSize: i32 = 256
export const tileSize: i32 = 16
/** Listeners of one tile: 4 x 2 sums fill the registers. */
export const group: i32 = 4
/** Coordinates of one 16-bit sum: shorter parts take finer whole numbers. */
export const partWidth: i32 = 32
/** Length of a part in whole numbers, at most: its square fits in 16 bits with its sign and a little more. */
export const longestWhole: f64 = 180

/** Parts of d coordinates. */
// @ts-ignore: decorator
@inline
export function partsOf(d: i32): i32 {
  return (d + partWidth - 1) / partWidth
}

/** Sums of several parts are added up in so many bits less. */
// @ts-ignore: decorator
@inline
export function shiftOf(parts: i32): i32 {
  return 32 - clz(parts - 1)
}

/** Bytes of a tile of 16 artists. */
// @ts-ignore: decorator
@inline
export function tileBytesOf(d: i32): usize {
  return <usize>(32 * partsOf(d) + 16 * d)
}

// The packed artists: 32-bit numbers and addresses.
export const headArtists: usize = 0
export const headWidth: usize = 4
export const headTiles: usize = 8
export const headBlocks: usize = 12
export const headVectors: usize = 16
export const headOrder: usize = 20
export const headPlace: usize = 24
export const headTotal: usize = 28
export const headCount: usize = 32

// One block, in float64; place `end` is behind the last.
export const blockBytes: usize = 56
export const blockSigma: usize = 0
export const blockLongest: usize = 8
export const blockResidual: usize = 16
export const blockLongestLeft: usize = 24
export const blockFirst: usize = 32
export const blockEnd: usize = 40
export const blockLean: usize = 48

// One listener of a batch. In units of its step, of the longest artist, or of both.
export const stateBytes: usize = 128
export const statePairs: usize = 0
export const stateCount: usize = 4
export const stateLowers: usize = 8
export const stateLeast: usize = 12
export const stateKnown: usize = 16
export const stateKnownEnd: usize = 20
export const stateSettled: usize = 24
export const stateTrigger: usize = 28
export const stateThreshold: usize = 32
export const stateRho: usize = 40
export const stateWhole: usize = 48
export const stateLength: usize = 56
export const stateSlack: usize = 64
export const stateUnit: usize = 72
export const stateVector: usize = 80
export const stateStride: usize = 84
export const stateSums: usize = 96

/** Relative room for every rounding to float32, and the same for the smallest float32. */
export const roundings: f64 = 1.0 / 1048576.0
export const smallest: f64 = 2.8e-45

// One batch: what all its listeners share.
export const batchBytes: usize = 64
export const batchHead: usize = 0
/** Artists to find. */
export const batchK: usize = 4
/** Candidates that a listener has room for. */
export const batchCapacity: usize = 8
/** A listener's vector in float64. */
export const batchWide: usize = 12
/** Exact scores of one listener's candidates. */
export const batchSums: usize = 16
/** Numbers to sort, and as much room again. */
export const batchKeys: usize = 20

/** How far a score may lie from what the whole numbers say, in units of the listener. */
// @ts-ignore: decorator
@inline
export function errorOf(state: usize, stats: usize): f64 {
  const longest = load<f64>(stats, blockLongest)
  return (
    load<f64>(state, stateRho) * longest +
    load<f64>(state, stateWhole) * load<f64>(stats, blockResidual) +
    load<f64>(state, stateLength) * longest * roundings +
    load<f64>(stats, blockLean) +
    load<f64>(state, stateSlack)
  )
}
