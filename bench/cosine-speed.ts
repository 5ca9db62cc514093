// Item cosine against implicit on interactions of Last.fm-360K's shape: time to the 20 nearest of each artist, and the same result.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openWorkers } from '../src/engine/open.ts'
import { fitWeights, type WeightLists } from '../src/models/cooccurrence.ts'
import type { BenchResult } from './bench.ts'
import { lastfmShape, lastfmShapeFiles, type ShapeFiles } from './data/lastfm-shape.ts'

/** One sentence on the claim. */
export const describe =
  'Item cosine, 20 nearest of each artist, against implicit 0.7.3 with 2 threads each: words rounds=3 scale=1'

const threads = 2
/** implicit counts each artist among its own nearest; ours never does. */
const k = 20
const cosine = {
  listenerExponent: 0,
  sourceExponent: 0.5,
  targetExponent: 0.5,
  shrink: 0,
  power: 1,
  neighbours: k,
  normalize: false,
}

/**
 * Both fit the same pattern, one after the other in each round, reading not counted; figures are medians of rounds.
 * @param words numbers `rounds=` and `scale=` (of Last.fm's size)
 */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const numbers = Object.fromEntries(words.map((word) => word.split('=')))
  const scale = Number(numbers.scale ?? 1)
  const files = await lastfmShapeFiles({ scale })
  const matrix = await lastfmShape({ scale })
  const workers = openWorkers({ threads })
  const folder = await mkdtemp(join(tmpdir(), 'cosine-speed-'))
  const [ours, theirs]: [number[], number[]] = [[], []]
  let lists: WeightLists | undefined
  for (let round = 0; round < Number(numbers.rounds ?? 3); round++) {
    theirs.push(await fitImplicit(files, join(folder, 'near')))
    const started = performance.now()
    lists = await fitWeights(matrix, cosine, { workers })
    ours.push((performance.now() - started) / 1000)
    console.error(
      `round ${round + 1}: implicit ${theirs.at(-1)?.toFixed(2)} s, ours ${ours.at(-1)?.toFixed(2)} s`,
    )
  }
  await workers.close()
  const difference = compare(lists!, await readNear(join(folder, 'near')))
  await rm(folder, { recursive: true })
  const figures = {
    implicitSeconds: median(theirs),
    seconds: median(ours),
    speedup: median(theirs.map((seconds, at) => seconds / ours[at]!)),
    ...difference,
  }
  const same = difference.otherArtists === 0 && difference.largestScoreDifference < 1e-5
  return {
    figures,
    goals: { speedup: 'at least 1.5', otherArtists: 'at most 0', largestScoreDifference: 'at most 0.00001' },
    pass: figures.speedup >= 1.5 && same,
  }
}

async function fitImplicit(files: ShapeFiles, out: string): Promise<number> {
  const peers = join(import.meta.dirname, 'peers')
  const stem = files.indptr.replace(/\.indptr$/, '')
  const words = [stem, files.users, files.items, k, threads, out].map(String)
  const { stdout } = await promisify(execFile)(
    join(peers, '.venv', 'bin', 'python'),
    [join(peers, 'implicit-cosine.py'), ...words],
    { env: { ...process.env, OPENBLAS_NUM_THREADS: '1' } },
  )
  return (JSON.parse(stdout) as { seconds: number }).seconds
}

type Near = { readonly ptr: Int32Array; readonly indices: Int32Array; readonly scores: Float32Array }

async function readNear(stem: string): Promise<Near> {
  const read = async (name: string) => {
    const bytes = await readFile(`${stem}.${name}`)
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  }
  return {
    ptr: new Int32Array(await read('indptr')),
    indices: new Int32Array(await read('indices')),
    scores: new Float32Array(await read('scores')),
  }
}

const rounding = 2e-6

/**
 * Their nearest but the artist itself against as many of ours: how far scores at the same place are apart, artists that are
 * not in our list though they score above its last place, and the sum of all scores compared.
 */
function compare({ neighbourPtr, neighbours, weights }: WeightLists, { ptr, indices, scores }: Near) {
  let [largestScoreDifference, otherArtists, placesCompared, scoreSum, theirScoreSum] = [0, 0, 0, 0, 0]
  for (let artist = 0; artist + 1 < neighbourPtr.length; artist++) {
    const their = Array.from({ length: ptr[artist + 1]! - ptr[artist]! }, (_, at) => ptr[artist]! + at)
      .filter((at) => indices[at] !== artist)
      .sort((a, b) => scores[b]! - scores[a]!)
    const [from, to] = [neighbourPtr[artist]!, neighbourPtr[artist + 1]!]
    const last = to - from < k ? 0 : weights[to - 1]!
    const own = new Set(neighbours.subarray(from, to))
    for (const [place, at] of their.entries()) {
      placesCompared++
      scoreSum += weights[from + place]!
      theirScoreSum += scores[at]!
      largestScoreDifference = Math.max(
        largestScoreDifference,
        Math.abs(weights[from + place]! - scores[at]!),
      )
      if (!own.has(indices[at]!) && scores[at]! > last + rounding) otherArtists++
    }
  }
  return { largestScoreDifference, otherArtists, placesCompared, scoreSum, theirScoreSum }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
