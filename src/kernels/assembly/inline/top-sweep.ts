// The sweep of assembly/top.ts: sums of products of 8-bit numbers, four listeners by 16 artists at a time.
import {
  tileSize,
  statePairs,
  partsOf,
  partWidth,
  shiftOf,
  stateCount,
  stateLowers,
  stateLeast,
  stateStride,
  stateSums,
} from './top-layout'

/** Four listeners by 16 artists at a time: 8 registers of 8 sums. */
export function sweep(tiles: usize, count: i32, d: i32, quad: usize, first: i32): void {
  const s0 = <usize>load<u32>(quad)
  const s1 = <usize>load<u32>(quad, 4)
  const s2 = <usize>load<u32>(quad, 8)
  const s3 = <usize>load<u32>(quad, 12)
  const u0 = <usize>load<u32>(s0, statePairs)
  const u1 = <usize>load<u32>(s1, statePairs)
  const u2 = <usize>load<u32>(s2, statePairs)
  const u3 = <usize>load<u32>(s3, statePairs)
  const end = <usize>d << 1
  const parts = partsOf(d)
  const shift = shiftOf(parts)
  let tile = tiles
  for (let t = 0; t < count; t++) {
    let a0 = i16x8.splat(0)
    let a1 = a0
    let a2 = a0
    let a3 = a0
    let b0 = a0
    let b1 = a0
    let b2 = a0
    let b3 = a0
    for (let part: usize = 0; part < end; ) {
      if (part > 0) {
        keep(s0, a0, b0, shift, part)
        keep(s1, a1, b1, shift, part)
        keep(s2, a2, b2, shift, part)
        keep(s3, a3, b3, shift, part)
      }
      a0 = v128.load(tile)
      b0 = v128.load(tile, 16)
      a1 = a0
      a2 = a0
      a3 = a0
      b1 = b0
      b2 = b0
      b3 = b0
      tile += 32
      const partEnd = min(end, part + (<usize>partWidth << 1))
      for (let c = part; c < partEnd; c += 4) {
        const x = v128.load(tile)
        const y = v128.load(tile, 16)
        tile += 32
        if (ASC_FEATURE_RELAXED_SIMD) {
          let u = v128.load32_splat(u0 + c)
          a0 = i16x8.add(a0, i16x8.relaxed_dot_i8x16_i7x16_s(x, u))
          b0 = i16x8.add(b0, i16x8.relaxed_dot_i8x16_i7x16_s(y, u))
          u = v128.load32_splat(u1 + c)
          a1 = i16x8.add(a1, i16x8.relaxed_dot_i8x16_i7x16_s(x, u))
          b1 = i16x8.add(b1, i16x8.relaxed_dot_i8x16_i7x16_s(y, u))
          u = v128.load32_splat(u2 + c)
          a2 = i16x8.add(a2, i16x8.relaxed_dot_i8x16_i7x16_s(x, u))
          b2 = i16x8.add(b2, i16x8.relaxed_dot_i8x16_i7x16_s(y, u))
          u = v128.load32_splat(u3 + c)
          a3 = i16x8.add(a3, i16x8.relaxed_dot_i8x16_i7x16_s(x, u))
          b3 = i16x8.add(b3, i16x8.relaxed_dot_i8x16_i7x16_s(y, u))
        } else {
          const xe = i16x8.shr_s(i16x8.shl(x, 8), 8)
          const xo = i16x8.shr_s(x, 8)
          const ye = i16x8.shr_s(i16x8.shl(y, 8), 8)
          const yo = i16x8.shr_s(y, 8)
          let e = v128.load16_splat(u0 + c)
          let o = v128.load16_splat(u0 + c, 2)
          a0 = i16x8.add(a0, i16x8.add(i16x8.mul(xe, e), i16x8.mul(xo, o)))
          b0 = i16x8.add(b0, i16x8.add(i16x8.mul(ye, e), i16x8.mul(yo, o)))
          e = v128.load16_splat(u1 + c)
          o = v128.load16_splat(u1 + c, 2)
          a1 = i16x8.add(a1, i16x8.add(i16x8.mul(xe, e), i16x8.mul(xo, o)))
          b1 = i16x8.add(b1, i16x8.add(i16x8.mul(ye, e), i16x8.mul(yo, o)))
          e = v128.load16_splat(u2 + c)
          o = v128.load16_splat(u2 + c, 2)
          a2 = i16x8.add(a2, i16x8.add(i16x8.mul(xe, e), i16x8.mul(xo, o)))
          b2 = i16x8.add(b2, i16x8.add(i16x8.mul(ye, e), i16x8.mul(yo, o)))
          e = v128.load16_splat(u3 + c)
          o = v128.load16_splat(u3 + c, 2)
          a3 = i16x8.add(a3, i16x8.add(i16x8.mul(xe, e), i16x8.mul(xo, o)))
          b3 = i16x8.add(b3, i16x8.add(i16x8.mul(ye, e), i16x8.mul(yo, o)))
        }
      }
      part = partEnd
    }
    if (parts > 1) {
      a0 = i16x8.add(i16x8.shr_s(a0, shift), v128.load(s0, stateSums))
      b0 = i16x8.add(i16x8.shr_s(b0, shift), v128.load(s0, stateSums + 16))
      a1 = i16x8.add(i16x8.shr_s(a1, shift), v128.load(s1, stateSums))
      b1 = i16x8.add(i16x8.shr_s(b1, shift), v128.load(s1, stateSums + 16))
      a2 = i16x8.add(i16x8.shr_s(a2, shift), v128.load(s2, stateSums))
      b2 = i16x8.add(i16x8.shr_s(b2, shift), v128.load(s2, stateSums + 16))
      a3 = i16x8.add(i16x8.shr_s(a3, shift), v128.load(s3, stateSums))
      b3 = i16x8.add(i16x8.shr_s(b3, shift), v128.load(s3, stateSums + 16))
    }
    const place = first + t * tileSize
    take(s0, a0, b0, place)
    take(s1, a1, b1, place)
    take(s2, a2, b2, place)
    take(s3, a3, b3, place)
  }
}

/** Adds the sums of a part to those before it, without the bits that there is no room for. */
// @ts-ignore: decorator
@inline
function keep(state: usize, left: v128, right: v128, shift: i32, part: usize): void {
  let a = i16x8.shr_s(left, shift)
  let b = i16x8.shr_s(right, shift)
  if (part > <usize>partWidth << 1) {
    a = i16x8.add(a, v128.load(state, stateSums))
    b = i16x8.add(b, v128.load(state, stateSums + 16))
  }
  v128.store(state, a, stateSums)
  v128.store(state, b, stateSums + 16)
}

/** Notes the sums above a listener's least, with their places. */
// @ts-ignore: decorator
@inline
function take(state: usize, left: v128, right: v128, place: i32): void {
  const least = v128.load16_splat(state, stateLeast)
  const mask = i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.gt_s(left, least), i16x8.gt_s(right, least)))
  if (mask != 0) note(state, mask, left, right, place)
}

/** The sum goes where the lower end will be; `settle` turns it into that. */
function note(state: usize, mask: i32, left: v128, right: v128, place: i32): void {
  v128.store(state, left, stateSums)
  v128.store(state, right, stateSums + 16)
  const count = load<i32>(state, stateCount)
  let entry = <usize>load<u32>(state, stateLowers) + (<usize>count << 2)
  const placeAt = <usize>load<u32>(state, stateStride) << 1
  store<i32>(state, count + popcnt(mask), stateCount)
  for (let bits = mask; bits != 0; bits &= bits - 1) {
    const lane = ctz(bits)
    store<i32>(entry, <i32>load<i16>(state + (<usize>lane << 1), stateSums))
    store<i32>(entry + placeAt, place + lane)
    entry += 4
  }
}
