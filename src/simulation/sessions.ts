// Sessions: one listener sits down, is shown recommendations, plays old favourites and new finds, and reacts.
import type { Random } from '../statistics/random.ts'
import type { Affinity } from './affinity.ts'
import type { Catalogue } from './catalogue.ts'
import type { DayLines } from './event-lines.ts'
import type { Library } from './library.ts'
import { type Audience, favouriteGenres } from './listeners.ts'
import { drawFrom, type Popularity } from './popularity.ts'
import { clickProbability, drawSlots } from './recommendations.ts'

/** What a session takes place in. */
export type Scene = {
  readonly catalogue: Catalogue
  readonly audience: Audience
  readonly affinity: Affinity
  readonly library: Library
  readonly popularity: Popularity
  readonly lines: DayLines
  readonly random: Random
}

/** Listens of a session at the mean; a list of recommendations is shown in this share of sessions. */
const meanListens = 9
const shownShare = 0.55
/** After a click, the artist is played in this share of cases. */
const playedAfterClick = 0.8

/**
 * Plays one session and writes its events.
 * @param at when it starts, ms UTC
 * @returns when it ends; the listener's next session starts later
 */
export function playSession(scene: Scene, index: number, at: number): number {
  const { random, library } = scene
  const listener = scene.audience.listeners[index]!
  let time = random.uniform() < shownShare ? browse(scene, index, at) : at
  let artist = -1
  let surface = 'library'
  for (let left = 1 + Math.floor(meanListens * random.exponential()); left > 0; left--) {
    const stays = artist >= 0 && random.uniform() < 0.2
    if (!stays) {
      const finds = random.uniform() < listener.curiosity
      artist = finds ? discover(scene, index) : library.draw(index, random)
      if (artist < 0) artist = discover(scene, index)
      surface = surfaceOf(finds, random)
    }
    time = listen(scene, index, { artist, at: time, surface })
  }
  return time
}

/** Fills a library with artists that the listener knew before the first day, strongest tastes strongest. */
export function recall(scene: Omit<Scene, 'lines'>, index: number): void {
  for (let left = scene.audience.listeners[index]!.known; left > 0; left--) {
    const artist = discover(scene, index)
    const strength = scene.affinity(index, artist) * (0.2 + scene.random.exponential())
    scene.library.strengthen(index, artist, strength + 0.01)
  }
}

/** A new artist: mostly of a favourite genre, popular ones first, accepted the sooner the better they fit. */
function discover(scene: Omit<Scene, 'lines'>, index: number): number {
  const { audience, popularity, random } = scene
  let artist = 0
  for (let tries = 0; tries < 12; tries++) {
    const draw =
      random.uniform() < 0.6 ? popularity.byGenre[genreFor(audience, index, random)]! : popularity.overall
    artist = drawFrom(draw.total > 0 ? draw : popularity.overall, random)
    if (random.uniform() < scene.affinity(index, artist)) return artist
  }
  return artist
}

function genreFor(audience: Audience, index: number, random: Random): number {
  const share = random.uniform()
  let at = index * favouriteGenres
  const last = at + favouriteGenres - 1
  while (at < last && audience.genreShare[at]! < share) at++
  return audience.genreOf[at]!
}

/** Shows a list, clicks by the click model, and plays what was clicked. */
function browse(scene: Scene, index: number, at: number): number {
  const { audience, lines, random } = scene
  const listener = audience.listeners[index]!
  const who = { variant: listener.variant, genre: audience.genreOf[index * favouriteGenres]! }
  const recommendationId = lines.recommendationId()
  const slots = drawSlots(scene.popularity, random, who)
  for (const [place, slot] of slots.entries())
    lines.slot(listener, at, { event: 'impression', recommendationId, position: place + 1, slot })
  let time = at + 2_000
  for (const [place, slot] of slots.entries()) {
    const position = place + 1
    if (random.uniform() >= clickProbability(scene.affinity(index, slot.artist), position)) continue
    time += 1_000 + random.below(15_000)
    lines.slot(listener, time, { event: 'click', recommendationId, position, slot })
    if (random.uniform() >= playedAfterClick) continue
    for (let songs = 1 + random.below(2); songs > 0; songs--)
      time = listen(scene, index, { artist: slot.artist, at: time + 500, surface: 'recommendations' })
  }
  return time + 1_000
}

/** One listen with its outcome, what it does to the library, and reactions; returns when the next may start. */
function listen(
  scene: Scene,
  index: number,
  play: { readonly artist: number; readonly at: number; readonly surface: string },
): number {
  const { random, library, lines } = scene
  const { artist, at, surface } = play
  const listener = scene.audience.listeners[index]!
  const liking = scene.affinity(index, artist)
  const songs = scene.catalogue.songs[artist]!
  const song = Math.floor(songs.length * random.uniform() ** 2)
  const { playedMs, skipped } = drawOutcome(liking, songs[song]!.durationMs, random)
  const volumes = random.uniform() < 0.3 ? volumesOf(listener.volume + (liking > 0.8 ? 1 : 0), random) : ''
  lines.listen(listener, at, { artist, song, playedMs, skipped, volumes, surface })
  if (skipped) library.weaken(index, artist, 0.85)
  else if (library.knows(index, artist)) library.strengthen(index, artist, 0.02 * liking)
  else if (random.uniform() < liking)
    library.strengthen(index, artist, 0.3 * liking * (0.2 + random.exponential()))
  const end = at + playedMs + 500 + random.below(4_000)
  if (!skipped) react(scene, index, { artist, song, at: at + Math.floor(playedMs / 2), liking })
  return random.uniform() < 0.05 ? end + random.below(600_000) : end
}

/** Skips within the first 29 s, partial plays of 25 to 75%, full plays of 85% and more: clear of every threshold between the outcomes. */
function drawOutcome(
  liking: number,
  durationMs: number,
  random: Random,
): { playedMs: number; skipped: boolean } {
  const skips = 0.06 + 0.55 * (1 - liking) ** 1.3
  const chance = random.uniform()
  if (chance < skips) {
    const most = Math.min(29_000, Math.floor(0.19 * durationMs))
    return { playedMs: 500 + random.below(most - 500), skipped: true }
  }
  if (chance < skips + 0.08 + 0.12 * (1 - liking))
    return {
      playedMs: Math.max(31_000, Math.floor((0.25 + 0.5 * random.uniform()) * durationMs)),
      skipped: false,
    }
  const whole = random.uniform() < 0.85
  return {
    playedMs: whole ? durationMs : Math.ceil((0.85 + 0.15 * random.uniform()) * durationMs),
    skipped: false,
  }
}

function react(
  scene: Scene,
  index: number,
  what: { readonly artist: number; readonly song: number; readonly at: number; readonly liking: number },
): void {
  const { lines, random } = scene
  const { artist, song, liking } = what
  const listener = scene.audience.listeners[index]!
  const chance = random.uniform()
  const eager = liking * liking
  if (chance < 0.05 * eager) {
    lines.reaction(listener, what.at, { event: 'like', artist, song, value: 1 })
    if (random.uniform() < 0.03)
      lines.reaction(listener, what.at + 5_000, { event: 'like', artist, song, value: -1 })
  } else if (chance < 0.07 * eager) {
    lines.reaction(listener, what.at, { event: 'follow', artist, song: -1, value: 1 })
  } else if (chance < 0.1 * eager) {
    lines.reaction(listener, what.at, { event: 'playlist_add', artist, song, value: 1 })
  }
}

const findSurfaces = ['search', 'radio', 'playlist', 'home']
const knownSurfaces = ['library', 'library', 'playlist', 'home', 'search']

function surfaceOf(finds: boolean, random: Random): string {
  const surfaces = finds ? findSurfaces : knownSurfaces
  return surfaces[random.below(surfaces.length)]!
}

/** Ready-made volume fields by level in twentieths, eight forms each. */
const volumeFields: readonly (readonly string[])[] = Array.from({ length: 21 }, (_, level) =>
  [[0], [0, 0], [0, 1], [0, -1, 0], [0, 1, 1], [0, 2, 1, 1], [-2, 0, 0, 1], [0, 0, 1, 2, 0]].map((steps) => {
    const levels = steps.map((step) => Math.min(20, Math.max(0, level + step)) / 20)
    return `,"volumes":${JSON.stringify(levels)}`
  }),
)

function volumesOf(level: number, random: Random): string {
  return volumeFields[Math.min(20, level)]![random.below(8)]!
}
