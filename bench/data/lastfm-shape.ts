// Invented interactions of the shape of Last.fm-360K, the same bytes for the same numbers: made once, kept in bench/generated.
import { mkdir, open, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { emptyRows, type SparseRows } from '../../src/data/interaction-matrix.ts'
import { createRandom, type Random } from '../../src/statistics/random.ts'

/** How large; what is left out is that of Last.fm-360K times `scale` (default 1): 358,868 listeners, 292,363 artists, 17.4 million cells. */
export type Shape = {
  readonly scale?: number
  readonly users?: number
  readonly items?: number
  readonly interactions?: number
  readonly seed?: number
}

/** Little-endian files of compressed sparse rows: int32 `indptr` (users + 1), int32 `indices` and float32 `conf` (one a cell). */
export type ShapeFiles = {
  readonly users: number
  readonly items: number
  readonly interactions: number
  readonly indptr: string
  readonly indices: string
  readonly conf: string
}

/** Arrays to read the files into: of any kind of memory. */
export type ShapeArrays = Pick<SparseRows, 'rowPtr' | 'colIndex' | 'values'>

const folder = join(import.meta.dirname, '..', 'generated')

/**
 * Listeners x artists, values 1 + 2 ln(1 + plays), on shared memory. Planted tastes and Zipf-Mandelbrot popularity; most
 * listeners have about the same number of artists, as where only the top 50 were kept.
 */
export async function lastfmShape(shape: Shape = {}): Promise<SparseRows> {
  const files = await lastfmShapeFiles(shape)
  const matrix = emptyRows(files.users, files.items, files.interactions)
  await readShape(files, matrix)
  return matrix
}

/** Where the files of a shape lie; they are made first where they do not. */
export async function lastfmShapeFiles(shape: Shape = {}): Promise<ShapeFiles> {
  const scale = shape.scale ?? 1
  const users = shape.users ?? Math.round(358_868 * scale)
  const items = shape.items ?? Math.round(292_363 * scale)
  const interactions = shape.interactions ?? Math.round(17_400_000 * scale)
  const seed = shape.seed ?? 1
  const stem = join(folder, `lastfm-${users}x${items}x${interactions}-${seed}`)
  const paths = { indptr: `${stem}.indptr`, indices: `${stem}.indices`, conf: `${stem}.conf` }
  const files = { users, items, interactions, ...paths }
  if (!(await stat(files.conf).catch(() => undefined))) await writeShape(files, generate(files, seed))
  return files
}

/** Reads the files into arrays of their lengths, without a copy on the way. */
export async function readShape(files: ShapeFiles, into: ShapeArrays): Promise<void> {
  await readInto(files.indptr, into.rowPtr)
  await readInto(files.indices, into.colIndex)
  await readInto(files.conf, into.values)
}

async function readInto(path: string, array: Int32Array | Float32Array): Promise<void> {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  const file = await open(path)
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, Math.min(bytes.length - at, 2 ** 26), at)
    if (bytesRead === 0) throw new Error(`${path} is too short; delete it and run again.`)
    at += bytesRead
  }
  await file.close()
}

/** The last file is the sign that all are there, so it is put in place last. */
async function writeShape(files: ShapeFiles, matrix: SparseRows): Promise<void> {
  await mkdir(folder, { recursive: true })
  const pairs = [
    [files.indptr, matrix.rowPtr],
    [files.indices, matrix.colIndex],
    [files.conf, matrix.values],
  ] as const
  for (const [path, array] of pairs) {
    await writeFile(
      `${path}.${process.pid}`,
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
    )
    await rename(`${path}.${process.pid}`, path)
  }
}

type Size = Pick<ShapeFiles, 'users' | 'items' | 'interactions'>

function generate({ users, items, interactions }: Size, seed: number): SparseRows {
  const random = createRandom(seed)
  const catalogue = plantTastes(items, random.fork('artists'))
  const matrix = emptyRows(users, items, interactions)
  const lengths = historyLengths({ users, items, interactions }, random.fork('lengths'))
  const draws = random.fork('histories')
  const takenBy = new Int32Array(items).fill(-1)
  for (let user = 0, at = 0; user < users; user++) {
    const end = at + lengths[user]!
    fillHistory(matrix.colIndex.subarray(at, end), { user, takenBy, catalogue, random: draws })
    const level = 3 + 0.8 * draws.normal()
    for (; at < end; at++) {
      const plays = Math.max(1, Math.round(Math.exp(level + 1.1 * draws.normal())))
      matrix.values[at] = 1 + 2 * Math.log(1 + plays)
    }
    matrix.rowPtr[user + 1] = end
  }
  return matrix
}

/** Things to draw from with chances by their weights. */
type Urn = { readonly things: Int32Array; readonly sums: Float64Array }

function urnOf(things: Int32Array, weightOf: (thing: number) => number): Urn {
  const sums = new Float64Array(things.length)
  let sum = 0
  for (const [at, thing] of things.entries()) {
    sum += weightOf(thing)
    sums[at] = sum
  }
  return { things, sums }
}

function drawFrom({ things, sums }: Urn, random: Random): number {
  const wanted = random.uniform() * sums[sums.length - 1]!
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle]! > wanted) high = middle
    else low = middle + 1
  }
  return things[low]!
}

/** Every artist by popularity, every taste's artists by popularity, and the tastes by the popularity of their artists. */
type Catalogue = { readonly all: Urn; readonly ofTaste: readonly Urn[]; readonly tastes: Urn }

/** Each artist belongs to a main taste, where early tastes are larger, and in part to a second one. */
function plantTastes(items: number, random: Random): Catalogue {
  const count = Math.max(16, Math.round(Math.sqrt(items) / 2.5))
  const head = Math.max(40, items / 2900)
  const popularity = new Float64Array(items)
  const members: number[][] = Array.from({ length: count }, () => [])
  const main = new Int32Array(items)
  // The artist's number says nothing of its popularity.
  const ranked = Int32Array.from(random.shuffle(Array.from({ length: items }, (_, artist) => artist)))
  for (const [rank, artist] of ranked.entries()) {
    popularity[artist] = (rank + head) ** -1.35
    main[artist] = Math.floor(random.uniform() * random.uniform() * count)
    members[main[artist]!]!.push(artist)
    const second = random.below(count)
    if (second !== main[artist]) members[second]!.push(artist)
  }
  const filled = [...members.keys()].filter((taste) => members[taste]!.length > 0)
  const ofTaste = filled.map((taste) =>
    urnOf(
      Int32Array.from(members[taste]!),
      (artist) => popularity[artist]! * (main[artist] === taste ? 1 : 0.35),
    ),
  )
  return {
    all: urnOf(ranked, (artist) => popularity[artist]!),
    ofTaste,
    tastes: urnOf(Int32Array.from(ofTaste.keys()), (taste) => ofTaste[taste]!.sums.at(-1)! ** 0.9),
  }
}

/** About interactions / users for most, fewer for one in eight; they sum to the interactions exactly. */
function historyLengths({ users, items, interactions }: Size, random: Random): Int32Array {
  const mean = interactions / users
  const most = Math.max(1, Math.floor(items / 4))
  const lengths = new Int32Array(users)
  let sum = 0
  for (let user = 0; user < users; user++) {
    const short = random.uniform() < 0.12
    const drawn = short ? 1 + 0.85 * mean * random.uniform() : mean * (1.06 + 0.11 * random.normal())
    lengths[user] = Math.min(most, Math.max(1, Math.round(drawn)))
    sum += lengths[user]!
  }
  if (interactions < users || interactions > users * most)
    throw new Error(`${interactions} cells do not fit ${users} listeners of 1 to ${most} artists each.`)
  while (sum !== interactions) {
    const user = random.below(users)
    const step = Math.sign(interactions - sum)
    if (lengths[user]! + step < 1 || lengths[user]! + step > most) continue
    lengths[user]! += step
    sum += step
  }
  return lengths
}

type History = {
  readonly user: number
  /** Last listener who took each artist. */
  readonly takenBy: Int32Array
  readonly catalogue: Catalogue
  readonly random: Random
}

/** One to six tastes, the first ones more often; one draw in eight is of all artists whatever the taste. */
function fillHistory(into: Int32Array, { user, takenBy, catalogue, random }: History): void {
  const { all, ofTaste, tastes } = catalogue
  const count = 1 + Math.floor(6 * random.uniform() * random.uniform())
  const own = Array.from({ length: count }, () => ofTaste[drawFrom(tastes, random)]!)
  for (let found = 0, tries = 0; found < into.length; tries++) {
    let taste = 0
    while (taste < count - 1 && random.uniform() > 0.45) taste++
    const anything = random.uniform() < 0.12 || tries > 8 * into.length
    let artist = drawFrom(anything ? all : own[taste]!, random)
    if (tries > 30 * into.length) artist = random.below(takenBy.length)
    if (takenBy[artist] === user) continue
    takenBy[artist] = user
    into[found++] = artist
  }
  into.sort()
}
