// Vectors as whole numbers of 7 and 8 bits, with how far off they are.
import {
  tileBytesOf,
  tileSize,
  longestWhole,
  partsOf,
  partWidth,
  shiftOf,
  headWidth,
  headTiles,
  headBlocks,
  headVectors,
  blockBytes,
  blockSigma,
  blockLean,
  blockLongest,
  blockResidual,
  blockFirst,
  blockEnd,
  statePairs,
  stateRho,
  stateWhole,
  stateLength,
  stateSlack,
  stateUnit,
  stateVector,
  smallest,
} from './top-layout'

/**
 * Packs the blocks `from` to `to`. `unit` is the length of the longest vector of all. The last block's missing artists are
 * zeros. A tile of 16 artists: 16 sums to begin with (they undo the 64 added to each listener number), then for each pair of
 * coordinates 16 x 2 bytes.
 */
export function pack(head: usize, from: i32, to: i32, unit: f64): void {
  const d = load<i32>(head, headWidth)
  const vectors = <usize>load<u32>(head, headVectors)
  const tileBytes = tileBytesOf(d)
  const parts = partsOf(d)
  const scale = <f64>(1 << shiftOf(parts))
  const most = longestWhole - 0.5 * sqrt(<f64>partWidth)
  for (let block = from; block < to; block++) {
    const stats = <usize>load<u32>(head, headBlocks) + <usize>block * blockBytes
    const first = <i32>load<f64>(stats, blockFirst)
    const end = <i32>load<f64>(stats, blockEnd)
    let longest: f64 = 0
    let longestPart: f64 = 0
    let largest: f64 = 0
    for (let at = first; at < end; at++) {
      const vector = vectors + (<usize>at * <usize>d << 2)
      let square: f64 = 0
      let part: f64 = 0
      for (let c = 0; c < d; c++) {
        if (c % partWidth == 0) part = 0
        const x = <f64>load<f32>(vector + (<usize>c << 2))
        square += x * x
        part += x * x
        longestPart = max(longestPart, part)
        largest = max(largest, abs(x))
      }
      longest = max(longest, sqrt(square))
    }
    const step = longest > 0 ? max(largest / 127.0, sqrt(longestPart) / most) : unit
    const sigma = step / unit
    let residual: f64 = 0
    for (let at = first; at < end || at % tileSize != 0; at++) {
      const lane = at & (tileSize - 1)
      let tile =
        <usize>load<u32>(head, headTiles) + <usize>(at / tileSize) * tileBytes + (<usize>lane << 1)
      const vector = vectors + (<usize>at * <usize>d << 2)
      let sum: i32 = 0
      let square: f64 = 0
      for (let c = 0; c < d; c++) {
        const x = at < end ? <f64>load<f32>(vector + (<usize>c << 2)) : 0.0
        const q = nearest(x / step)
        const r = x / unit - sigma * q
        square += r * r
        sum += <i32>q
        const pair = tile + 32 + (<usize>((c % partWidth) >> 1) << 5)
        store<i8>(pair + <usize>(c & 1), <i8>q)
        if ((c + 1) % partWidth != 0 && c + 1 < d) continue
        store<i16>(tile, <i16>(-64 * sum))
        tile += 32 + 16 * <usize>partWidth
        sum = 0
      }
      residual = max(residual, sqrt(square))
    }
    store<f64>(stats, sigma * scale, blockSigma)
    store<f64>(stats, parts > 1 ? 0.5 * sigma * scale * <f64>parts : 0.0, blockLean)
    store<f64>(stats, longest / unit, blockLongest)
    store<f64>(stats, residual, blockResidual)
  }
}

/** The listener as whole numbers, 64 added, each pair twice in four bytes; and how far off they are. Returns its length. */
export function quantise(state: usize, d: i32, unit: f64): f64 {
  const vector = <usize>load<u32>(state, stateVector)
  const pairs = <usize>load<u32>(state, statePairs)
  let square: f64 = 0
  let part: f64 = 0
  let longestPart: f64 = 0
  let largest: f64 = 0
  for (let c = 0; c < d; c++) {
    if (c % partWidth == 0) part = 0
    const x = <f64>load<f32>(vector + (<usize>c << 2))
    square += x * x
    part += x * x
    longestPart = max(longestPart, part)
    largest = max(largest, abs(x))
  }
  const length = sqrt(square)
  if (!(length > 0 && length < Infinity)) return length
  const most = longestWhole - 0.5 * sqrt(<f64>partWidth)
  const step = max(largest / 63.0, sqrt(longestPart) / most)
  let wholes: f64 = 0
  let rests: f64 = 0
  for (let c = 0; c < d; c++) {
    const x = <f64>load<f32>(vector + (<usize>c << 2)) / step
    const q = nearest(x)
    wholes += q * q
    rests += (x - q) * (x - q)
    const pair = pairs + (<usize>(c >> 1) << 2)
    if (ASC_FEATURE_RELAXED_SIMD) {
      store<u8>(pair + <usize>(c & 1), <u8>(64 + <i32>q))
      store<u8>(pair + <usize>(c & 1), <u8>(64 + <i32>q), 2)
    } else store<i16>(pair + (<usize>(c & 1) << 1), <i16>(64 + <i32>q))
  }
  store<f64>(state, sqrt(rests), stateRho)
  store<f64>(state, sqrt(wholes), stateWhole)
  store<f64>(state, length / step, stateLength)
  store<f64>(state, smallest / (step * unit) + smallest, stateSlack)
  store<f64>(state, step * unit, stateUnit)
  return length
}
