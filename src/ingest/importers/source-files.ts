// The files inside an import: those of a zip, or the one file itself, unpacked.
import { decompress, peek, type UnpackedBytes } from '../decompress.ts'
import type { Fault } from '../fault.ts'
import { isZip } from './head-text.ts'
import type { ImportInput } from './importer.ts'
import { type ZipLimits, zipEntries, zipLimits } from './zip-entries.ts'

/** One file to read. */
export type SourceFile = {
  /** For rejects: `export.zip/listens/2024/1.jsonl`, or the file name. */
  readonly file: string
  readonly bytes: UnpackedBytes
}

/** Which files of an archive to read. */
export type SourceChoice = {
  readonly wanted: (name: string) => boolean
  /** Files of a lower rank are read before those of a higher one. Default: all alike, in the archive's order. */
  readonly rank?: (name: string) => number
  /** Called for each file that is not wanted. */
  readonly other?: () => void
  readonly limits?: ZipLimits
}

/**
 * Yields the wanted files of a zip, or the file itself, unpacked, whatever its name. Where an archive cannot be read
 * any further, a last file without bytes ends in that damage. Read each file before asking for the next.
 */
export async function* sourceFiles(input: ImportInput, choice: SourceChoice): AsyncGenerator<SourceFile> {
  const { head, whole } = await peek(input.chunks)
  if (!isZip(head)) {
    yield { file: input.fileName, bytes: decompress(input.fileName, whole) }
    return
  }
  const { wanted, rank = () => 0, other = () => undefined, limits = zipLimits } = choice
  const entries = zipEntries(whole, { wanted, rank, other }, limits)
  for (let next = await entries.next(); ; next = await entries.next()) {
    if (!next.done) {
      yield { file: `${input.fileName}/${next.value.name}`, bytes: next.value.bytes }
      continue
    }
    if (next.value) yield { file: input.fileName, bytes: onlyDamage(next.value) }
    return
  }
}

// biome-ignore lint/correctness/useYield: a file without bytes, only its damage
async function* onlyDamage(damage: Fault): UnpackedBytes {
  return damage
}
