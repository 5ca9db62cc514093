// Trains our ALS on sparse rows from files and tells how long it took and how much memory, as one line of JSON: the twin of
// implicit-als.py. Its argument is one JSON object, see als-run.ts.
import { setFlagsFromString } from 'node:v8'
import { openWorkers } from '../../src/engine/open.ts'
import { openAlsArena, withoutPadding } from '../../src/models/als-arena.ts'
import { trainAls } from '../../src/models/als-training.ts'
import { implicitLoss } from '../data/als-loss.ts'
import { readShape } from '../data/lastfm-shape.ts'
import type { AlsJob, AlsOutcome } from './als-run.ts'

const job = JSON.parse(process.argv[2]!) as AlsJob
// Before any kernel is compiled.
if (job.revectorize) setFlagsFromString('--experimental-wasm-revectorize')
const { users, items, factors, iterations, regularization, solver, threads, cgSteps = 3 } = job
const arena = openAlsArena({
  users,
  artists: items,
  entries: job.interactions,
  factors,
  weighted: true,
  solver,
  threads,
})
const weights = arena.users.weights!
await readShape(job, { ...arena.users, values: weights })
// A cell of confidence c weighs 1 for being a cell, as all do, and c - 1 for having been heard.
for (let at = 0; at < weights.length; at++) weights[at]! -= 1

const workers = openWorkers({ threads })
const settings = { factors, iterations, regularization, frequencyScaling: 0, unobservedWeight: 1, solver }
const times: number[] = []
const reached = new Error('the loss is reached')
let lost = Number.POSITIVE_INFINITY
let clock = performance.now()
let halves = 0
let half = 0

/** Time spent on the loss is not counted. */
function onHalfStep(listeners: Float32Array, artists: Float32Array): void {
  half += performance.now() - clock
  if (++halves % 2 === 0) {
    times.push(half / 1000)
    half = 0
    if (job.target !== undefined && times.length >= (job.lookFrom ?? 1)) {
      lost = lossOf(listeners, artists)
      if (lost <= job.target) throw reached
    }
  }
  clock = performance.now()
}

function lossOf(listeners: Float32Array, artists: Float32Array): number {
  const side = (vectors: Float32Array) => withoutPadding(vectors, arena.stride, factors)
  const values = weights.map((weight) => weight + 1)
  const both = { listeners: side(listeners), artists: side(artists), d: factors }
  return implicitLoss({ ...arena.users, values }, both, regularization)
}

try {
  await trainAls({ arena, start: 1, workers, settings: { ...settings, cgSteps, shift: 1 }, onHalfStep })
} catch (error) {
  if (error !== reached) throw error
}
const outcome: AlsOutcome = {
  seconds: times.reduce((sum, seconds) => sum + seconds, 0),
  iterations: times,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  arenaBytes: arena.bytes,
  ...(Number.isFinite(lost) ? { loss: lost } : {}),
}
await workers.close()
console.log(JSON.stringify(outcome))
