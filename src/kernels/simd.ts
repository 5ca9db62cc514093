// The WebAssembly kernels: which build this machine runs, instances on a given memory, and scratch for each thread.
import { als } from './binaries/als.ts'
import { cooccurrence } from './binaries/cooccurrence.ts'
import { inverse } from './binaries/inverse.ts'
import { itemscores } from './binaries/itemscores.ts'
import { mrf } from './binaries/mrf.ts'
import { top } from './binaries/top.ts'

const binaries = { als, cooccurrence, inverse, itemscores, mrf, top } as const

/** The files of assembly/. */
export type SimdGroup = keyof typeof binaries

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'))

type Build = 'relaxed' | 'strict' | 'none'

let chosen: Build | undefined

/** The best build that this machine takes: relaxed SIMD rounds a multiply-add once, strict twice; none without SIMD. */
function build(): Build {
  if (chosen) return chosen
  if (WebAssembly.validate(bytesOf(binaries.als.relaxed))) chosen = 'relaxed'
  else chosen = WebAssembly.validate(bytesOf(binaries.als.strict)) ? 'strict' : 'none'
  return chosen
}

/** Whether this machine runs the SIMD kernels, unless they were put aside; the plain ones run everywhere. */
export const simdSupported = (): boolean => build() !== 'none'

/** From now on arenas are made without SIMD: the plain kernels, for comparison or out of doubt. */
export const usePlainKernels = (): void => {
  chosen = 'none'
}

const modules = new Map<SimdGroup, WebAssembly.Module>()
const instances = new WeakMap<WebAssembly.Memory, Map<SimdGroup, unknown>>()

/**
 * The functions of one assembly file, working in `memory`. They take byte addresses (`array.byteOffset` of arrays that lie in
 * it) and lengths. Compiled once a thread, instantiated once a memory.
 */
export function simd<functions>(group: SimdGroup, memory: WebAssembly.Memory): functions {
  const known = instances.get(memory) ?? new Map<SimdGroup, unknown>()
  instances.set(memory, known)
  const found = known.get(group)
  if (found) return found as functions
  const { exports } = new WebAssembly.Instance(moduleOf(group), {
    env: { memory, abort: () => {} },
  })
  known.set(group, exports)
  return exports as functions
}

function moduleOf(group: SimdGroup): WebAssembly.Module {
  const known = modules.get(group)
  if (known) return known
  const module = new WebAssembly.Module(
    bytesOf(binaries[group][build() === 'relaxed' ? 'relaxed' : 'strict']),
  )
  modules.set(group, module)
  return module
}

/** Working room for each thread, in an arena. */
export type Scratch = {
  /** One a thread: 1 while taken. */
  readonly flags: Int32Array
  /** Byte address of the first. */
  readonly at: number
  readonly bytesEach: number
}

/** Runs `work` with the byte address of a piece of scratch that no other thread has. There must be as many as threads. */
export function withScratch<result>(
  { flags, at, bytesEach }: Scratch,
  work: (address: number) => result,
): result {
  let index = 0
  while (Atomics.compareExchange(flags, index, 0, 1) !== 0) index = (index + 1) % flags.length
  try {
    return work(at + index * bytesEach)
  } finally {
    Atomics.store(flags, index, 0)
  }
}
