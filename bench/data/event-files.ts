// Invented raw events in bulk for speed: any number of lines from one seed as gzip NDJSON files, with how many of each kind are in them.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { openWorkers, processorCount } from '../../src/engine/open.ts'

/** What was written. `lines = events + duplicates + damaged`; a duplicate repeats an earlier line byte for byte. */
export type EventFiles = {
  /** Holds the files and nothing else. */
  readonly folder: string
  readonly files: readonly string[]
  readonly lines: number
  readonly events: number
  readonly duplicates: number
  readonly damaged: number
  readonly packedBytes: number
  readonly plainBytes: number
}

type Counts = Omit<EventFiles, 'files' | 'folder'>
type FileTask = { readonly path: string; readonly from: number; readonly to: number; readonly total: number }

const linesPerFile = 200_000
const folder = new URL('../generated/', import.meta.url).pathname
const duplicateShare = 0.02
const damagedShare = 0.001
/** How far back a duplicate reaches, in lines. */
const duplicateReach = 1_000_000
const artists = 50_000
const yearBegins = Date.UTC(2025, 0, 1)
const yearMs = 365 * 86_400_000

/** Makes the files, or finds those of an earlier call. 20 million lines are about 1 GB and take two minutes on two cores. */
export async function eventFiles(lines: number): Promise<EventFiles> {
  const home = join(folder, `events-${lines}`)
  const note = join(home, 'counts.json')
  if (existsSync(note)) return JSON.parse(await readFile(note, 'utf8')) as EventFiles
  const raw = join(home, 'raw')
  await mkdir(raw, { recursive: true })
  const tasks: FileTask[] = []
  for (let from = 0; from < lines; from += linesPerFile) {
    const path = join(raw, `events-${String(tasks.length).padStart(4, '0')}.ndjson.gz`)
    tasks.push({ path, from, to: Math.min(lines, from + linesPerFile), total: lines })
  }
  const workers = openWorkers({ threads: processorCount() })
  const counts = await Promise.all(
    tasks.map(
      (args) => workers.run({ module: import.meta.url, name: 'writeEventFile', args }) as Promise<Counts>,
    ),
  )
  await workers.close()
  const sum = (field: keyof Counts) => counts.reduce((total, one) => total + one[field], 0)
  const made = {
    folder: raw,
    files: tasks.map(({ path }) => path),
    lines: sum('lines'),
    events: sum('events'),
    duplicates: sum('duplicates'),
    damaged: sum('damaged'),
    packedBytes: sum('packedBytes'),
    plainBytes: sum('plainBytes'),
  }
  await writeFile(`${note}.part`, JSON.stringify(made))
  await rename(`${note}.part`, note)
  return made
}

/** Writes one file. Called by name on a worker thread. @public */
export async function writeEventFile({ path, from, to, total }: FileTask): Promise<Counts> {
  const parts: Buffer[] = []
  let text = ''
  let duplicates = 0
  let damaged = 0
  for (let line = from; line < to; line += 1) {
    const fate = fateOf(line)
    if (fate < damagedShare) {
      damaged += 1
      parts.push(Buffer.from(text), damagedLine(line, total))
      text = ''
    } else {
      const first = fate < damagedShare + duplicateShare ? repeated(line) : line
      if (first !== line) duplicates += 1
      text += eventLine(first, total)
    }
  }
  const plain = Buffer.concat([...parts, Buffer.from(text)])
  const packed = gzipSync(plain, { level: 4 })
  await writeFile(path, packed)
  const lines = to - from
  return {
    lines,
    events: lines - duplicates - damaged,
    duplicates,
    damaged,
    packedBytes: packed.length,
    plainBytes: plain.length,
  }
}

/** A number in [0, 1) that decides what stands in a line. */
const fateOf = (line: number): number => mixed(line, 77) / 2 ** 32

/** The earlier line that a line repeats: one that is an event itself; the line where there is none. */
function repeated(line: number): number {
  const first = line - 1 - (mixed(line, 78) % duplicateReach)
  return first >= 0 && fateOf(first) >= damagedShare + duplicateShare ? first : line
}

/** 32 well mixed bits of two whole numbers (the finalizer of MurmurHash3, by Austin Appleby, in the public domain). */
function mixed(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const drawOf = (line: number, which: number): number => mixed(line, which) / 2 ** 32

const surfaces = ['home', 'search', 'playlist', 'recommendations', 'radio']
const genres = [
  'Indie Rock',
  'Electronic',
  'Hip-Hop',
  'Jazz',
  'Metal',
  'Pop',
  'Folk',
  'Soul',
  'Ambient',
  'Punk',
]
const first = [
  'Paper',
  'Glass',
  'Silver',
  'Northern',
  'Quiet',
  'Electric',
  'Golden',
  'Hollow',
  'Ströme',
  'Velvet',
]
const second = [
  'Lanterns',
  'Harbour',
  'Foxes',
  'Machines',
  'Rivers',
  'Été',
  'Signals',
  'Gardens',
  'Echoes',
  'Wolves',
]

function nameOf(seed: number): string {
  return `${first[seed % 10]} ${second[Math.floor(seed / 10) % 10]}${seed < 100 ? '' : ` ${Math.floor(seed / 100)}`}`
}

/** The event first told in a line. Kinds: 80% listens, 8% impressions, 3% clicks, 5% likes, 2% follows, 2% playlist entries. */
function eventLine(line: number, total: number): string {
  const kind = drawOf(line, 1)
  const artist = Math.floor(artists ** drawOf(line, 2)) - 1
  const user = Math.floor((total / 200) * drawOf(line, 3) ** 1.5)
  const late = drawOf(line, 4) * 600_000
  const at = Math.floor(yearBegins + (yearMs * line) / total - late)
  // One in twenty comes without an id.
  const id = mixed(line, 5) % 20 === 0 ? '' : `"id":"e-${line.toString(36)}-${mixed(line, 6).toString(36)}",`
  const time = mixed(line, 7) % 10 === 0 ? `${at}` : `"${new Date(at).toISOString()}"`
  const head = `"user":"listener-${user}","at":${time},"artist":{"id":"artist-${artist}","name":"${nameOf(artist)}","genre":"${genres[artist % 10]}","followers":${(mixed(artist, 8) % 2_000_000) + 10},"rank":${artist + 1}}`
  const surface = `"surface":"${surfaces[mixed(line, 9) % 5]}"}\n`
  if (kind < 0.8) return `{"event":"listen",${id}${head},${listenFields(line, artist)},${surface}`
  if (kind < 0.91) {
    const name = kind < 0.88 ? 'impression' : 'click'
    const slot = (mixed(line, 10) % 50) + 1
    return `{"event":"${name}",${id}${head},"recommendationId":"r-${mixed(line >> 4, 11).toString(36)}","position":${slot},"propensity":${((mixed(line, 12) % 999) + 1) / 1000},"modelVersion":"2025-w${Math.floor((52 * line) / total) + 1}","variant":"${mixed(user, 13) % 2 ? 'a' : 'b'}",${surface}`
  }
  const name = kind < 0.96 ? 'like' : kind < 0.98 ? 'follow' : 'playlist_add'
  return `{"event":"${name}",${id}${head},${surface}`
}

function listenFields(line: number, artist: number): string {
  const track = artist * 40 + Math.floor(40 * drawOf(line, 14) ** 2)
  const duration = 120_000 + (mixed(track, 15) % 240_000)
  const played = Math.min(duration, Math.floor(duration * 1.4 * drawOf(line, 16)))
  const skipped = played < duration * 0.2 ? ',"skipped":true' : ''
  const volumes = mixed(line, 17) % 10 === 0 ? `,"volumes":[0.${mixed(line, 18) % 10},0.5,0.75]` : ''
  return `"track":{"id":"track-${track}","title":"${nameOf(track)}","durationMs":${duration},"likes":${mixed(track, 19) % 90_000}},"playedMs":${played}${skipped}${volumes}`
}

/** One of six kinds of damage. */
function damagedLine(line: number, total: number): Buffer {
  const whole = eventLine(line, total)
  const text = [
    `${whole.slice(0, whole.length >> 1)}\n`,
    'null and void\n',
    whole.replace(/"user":"[^"]*",/, ''),
    whole.replace(/"at":[^,]*,/, '"at":"yesterday",'),
    whole.replace(/"at":[^,]*,/, '"at":4102444800000,'),
    whole.replace('listener-', 'listener-\u0080'),
  ][mixed(line, 20) % 6] as string
  // The last kind is not UTF-8: one byte of the pair is taken out.
  return mixed(line, 20) % 6 === 5 ? Buffer.from(text, 'latin1') : Buffer.from(text)
}
