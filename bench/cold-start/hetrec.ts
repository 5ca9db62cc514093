// HetRec Last.fm-2k with its side information: plays, the friend graph, and who gave which tag to whom.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SparseRows, sparseRows } from '../../src/data/interaction-matrix.ts'

/** A tag that a listener gave to an artist, by index; the tag by its id in the files. */
export type Tagging = { readonly listener: number; readonly artist: number; readonly tag: string }

/** The data set; listeners and artists are numbered as they come in the file of plays. */
export type Hetrec = {
  /** listeners x artists, value plays. */
  readonly plays: SparseRows
  readonly taggings: readonly Tagging[]
  /** Friends of each listener, in the order of the file. */
  readonly friends: readonly (readonly number[])[]
}

/** Reads the three files; taggings of artists that nobody plays are left out. */
export async function readHetrec(): Promise<Hetrec> {
  const listeners = new Map<string, number>()
  const artists = new Map<string, number>()
  const indexIn = (known: Map<string, number>, id: string): number => {
    if (!known.has(id)) known.set(id, known.size)
    return known.get(id)!
  }
  const cells = (await rowsOf('user_artists.dat')).map(
    ([user, artist, plays]) => [indexIn(listeners, user!), indexIn(artists, artist!), Number(plays)] as const,
  )
  const plays = sparseRows(listeners.size, artists.size, cells)
  const taggings = (await rowsOf('user_taggedartists.dat')).flatMap(([user, artist, tag]) => {
    const [who, whom] = [listeners.get(user!), artists.get(artist!)]
    return who === undefined || whom === undefined ? [] : [{ listener: who, artist: whom, tag: tag! }]
  })
  const friends: number[][] = Array.from({ length: listeners.size }, () => [])
  for (const [user, friend] of await rowsOf('user_friends.dat'))
    friends[listeners.get(user!)!]!.push(listeners.get(friend!)!)
  return { plays, taggings, friends }
}

async function rowsOf(file: string): Promise<string[][]> {
  const shared = process.env.TASTEMAKER_SHARED ?? '../shared'
  const text = await readFile(join(shared, 'data', 'hetrec2011-lastfm-2k', file), 'utf8')
  const [, ...lines] = text.trim().split('\n')
  return lines.map((line) => line.trim().split('\t'))
}

/** Taggings whose tag at least so many listeners use: a tag of one person would only say who that person is. */
export function sharedTags(taggings: readonly Tagging[], minListeners: number): Tagging[] {
  const users = new Map<string, Set<number>>()
  for (const { listener, tag } of taggings) {
    const known = users.get(tag)
    if (known) known.add(listener)
    else users.set(tag, new Set([listener]))
  }
  return taggings.filter(({ tag }) => users.get(tag)!.size >= minListeners)
}

/** How often each row got each tag: by artist, or by listener. */
export function tagCounts(
  taggings: readonly Tagging[],
  rowOf: (tagging: Tagging) => number,
): Map<number, Map<string, number>> {
  const out = new Map<number, Map<string, number>>()
  for (const tagging of taggings) {
    const row = rowOf(tagging)
    const counts = out.get(row) ?? new Map<string, number>()
    out.set(row, counts.set(tagging.tag, (counts.get(tagging.tag) ?? 0) + 1))
  }
  return out
}

/** The cells of a matrix as a question: whether (row, column) is one of them. */
export function cellsOf({
  rows,
  rowPtr,
  colIndex,
  columns,
}: SparseRows): (row: number, column: number) => boolean {
  const cells = new Set<number>()
  for (let row = 0; row < rows; row++)
    for (let at = rowPtr[row]!; at < rowPtr[row + 1]!; at++) cells.add(row * columns + colIndex[at]!)
  return (row, column) => cells.has(row * columns + column)
}
