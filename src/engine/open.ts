// Opens the SQL engine and the worker threads.
import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import type { DuckDbOptions } from './duckdb.ts'
import type { Engine } from './engine.ts'
import { openOwnThread, openThreads } from './threads.ts'
import type { Workers } from './workers.ts'

/** Opens the embedded SQL engine, loaded only now. Throws `outside`. */
export async function openEngine(options: DuckDbOptions): Promise<Engine> {
  const { openDuckDb } = await import('./duckdb.ts')
  return openDuckDb(options)
}

/** Room of a new thread before V8 first looks for garbage: the buffers of a file being unpacked would have it look every 10 MB. */
const firstHeap = '--initial-heap-size=128'

/** Opens worker threads, started when first needed; 0 runs tasks in the calling thread, for tests and small work. */
export function openWorkers(options: { readonly threads: number }): Workers {
  setFlagsFromString(firstHeap)
  return options.threads === 0 ? openOwnThread() : openThreads(options.threads)
}

/**
 * Lets V8 pair 128-bit SIMD instructions to 256-bit ones. Experimental in V8, so never by default; only modules compiled
 * from now on, on any thread, are faster by it. Unknown flags are ignored by V8 with a line on stderr.
 */
export const revectorize = (): void => setFlagsFromString('--experimental-wasm-revectorize')

/** Threads to use when nobody says: one per processor, at most 8. */
export const processorCount = (): number => Math.min(8, availableParallelism())
