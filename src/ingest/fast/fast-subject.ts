// The artist and the track of a scanned line, by the rules of clean-event.ts.
import { rememberedKeys, tidy } from '../clean-event.ts'
import { putBytes, putText, type TextColumn } from './clean-columns.ts'
import { stringOf, type Told, toldId, toldText } from './fast-text.ts'
import { type Field, field } from './line-fields.ts'
import type { Scanned } from './line-scanner.ts'

/** Who and what a line is about. `artistName` null: the id stands for it. */
export type Subject = { artistId: Told; artistName: Told; trackId: Told; trackTitle: Told }

const mostName = 1024
const name = { which: field.artistName, most: mostName, tidy }
const title = { which: field.trackTitle, most: mostName, tidy }

/** Returns the function that reads the subject into `into`; false: it is left to the slow lane. */
export function createSubjects(): (bytes: Uint8Array, line: Scanned, into: Subject) => boolean {
  const keyOf = rememberedKeys()
  return (bytes, line, into) => {
    into.artistId = toldId(bytes, line, field.artistId)
    into.artistName = toldText(bytes, line, name)
    into.trackId = toldId(bytes, line, field.trackId)
    into.trackTitle = toldText(bytes, line, title)
    const { artistId, artistName, trackId, trackTitle } = into
    if (artistId === false || artistName === false || trackId === false || trackTitle === false) return false
    if (artistId === null) {
      if (artistName === null) return false
      into.artistId = `name:${keyOf(stringOf(bytes, line, field.artistName, artistName))}`
    }
    if (trackId === null && trackTitle !== null) {
      const artist = stringOf(bytes, line, field.artistId, into.artistId)
      into.trackId = `title:${artist}:${keyOf(stringOf(bytes, line, field.trackTitle, trackTitle))}`
    }
    return true
  }
}

/** Writes what a field says into a row; nothing when it says nothing. */
export function putTold(
  column: TextColumn,
  row: number,
  told: Told,
  { bytes, line, which }: { readonly bytes: Uint8Array; readonly line: Scanned; readonly which: Field },
): void {
  if (told === true)
    putBytes(column, row, bytes, line.spans[2 * which] as number, line.spans[2 * which + 1] as number)
  else if (typeof told === 'string') putText(column, row, told)
}
