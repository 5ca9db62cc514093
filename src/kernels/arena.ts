// An arena: named arrays laid out one behind the other in one block of memory that kernels and threads share.
import { TastemakerError } from '../errors.ts'
import { type Scratch, simdSupported } from './simd.ts'

/** One array of an arena, or its scratch. */
export type ArenaPart<made> = {
  readonly bytes: number
  readonly make: (buffer: SharedArrayBuffer, at: number) => made
}

/** Room for `length` float32, zero at first. */
export const float32 = (length: number): ArenaPart<Float32Array> => ({
  bytes: 4 * length,
  make: (buffer, at) => new Float32Array(buffer, at, length),
})

/** Room for `length` float64, zero at first. */
export const float64 = (length: number): ArenaPart<Float64Array> => ({
  bytes: 8 * length,
  make: (buffer, at) => new Float64Array(buffer, at, length),
})

/** Room for `length` int32, zero at first. */
export const int32 = (length: number): ArenaPart<Int32Array> => ({
  bytes: 4 * length,
  make: (buffer, at) => new Int32Array(buffer, at, length),
})

/** Working room of `bytesEach` for each of `threads` threads; see `takeScratch`. */
export const scratch = (threads: number, bytesEach: number): ArenaPart<Scratch> => {
  const each = aligned(bytesEach)
  return {
    bytes: alignment * threads + each * threads,
    make: (buffer, at) => ({
      flags: new Int32Array(buffer, at, threads),
      at: at + alignment * threads,
      bytesEach: each,
    }),
  }
}

/** The arrays of an arena by name, with the memory that kernels work in. Everything in it can be handed to a thread. */
export type Arena<plan extends ArenaPlan> = {
  /** Absent where the machine has no SIMD: the plain kernels then work on the same arrays. */
  readonly memory: WebAssembly.Memory | undefined
  readonly bytes: number
  readonly parts: { readonly [name in keyof plan]: ReturnType<plan[name]['make']> }
}

type ArenaPlan = Readonly<Record<string, ArenaPart<unknown>>>

const alignment = 64
const pageBytes = 65_536
const mostBytes = 2 ** 32 - pageBytes
const aligned = (at: number): number => Math.ceil(at / alignment) * alignment

/** Bytes that an arena of this plan takes. */
export const arenaBytes = (plan: ArenaPlan): number =>
  Object.values(plan).reduce((sum, { bytes }) => sum + aligned(bytes), pageBytes)

/**
 * Lays out all parts of a plan, zeroed, in one block. Nothing is allocated later: what it takes is known before work starts,
 * and pages never written to take no memory.
 * @param purpose what needs the memory, for the message: `ALS with 128 factors for 300,000 artists`
 * Over 4 GiB, where WebAssembly ends, throws `too-large` before anything is allocated.
 */
export function openArena<plan extends ArenaPlan>(purpose: string, plan: plan): Arena<plan> {
  const bytes = arenaBytes(plan)
  if (bytes > mostBytes)
    throw new TastemakerError(
      'too-large',
      `${purpose} needs ${gibibytes(bytes)} GiB of memory at once; WebAssembly ends at 4 GiB. Take fewer factors, fewer artists or neighbours, or run it on the cluster.`,
    )
  const pages = Math.ceil(bytes / pageBytes)
  const memory = simdSupported()
    ? new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    : undefined
  const buffer = memory?.buffer ?? new SharedArrayBuffer(bytes)
  // The first page stays empty: no array begins at address zero.
  let at = pageBytes
  const parts = Object.entries(plan).map(([name, part]) => {
    const made = part.make(buffer, at)
    at += aligned(part.bytes)
    return [name, made]
  })
  return { memory, bytes, parts: Object.fromEntries(parts) as Arena<plan>['parts'] }
}

const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1)
