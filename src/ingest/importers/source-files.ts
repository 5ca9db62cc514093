// The files inside an import: those of a zip, or the one file itself, unpacked.
import { decompress, peek, type UnpackedBytes } from '../decompress.ts'
import { isZip } from './head-text.ts'
import type { ImportInput } from './importer.ts'
import { zipEntries } from './zip-entries.ts'

/** One file to read. */
export type SourceFile = {
  /** For rejects: `export.zip/listens/2024/1.jsonl`, or the file name. */
  readonly file: string
  readonly bytes: UnpackedBytes
}

/**
 * Yields the `wanted` files of a zip in its order, or the file itself, unpacked, whatever its name. Where an archive cannot be read
 * any further, a last file without bytes ends in that damage. Read each file before asking for the next.
 */
export async function* sourceFiles(
  input: ImportInput,
  wanted: (name: string) => boolean,
): AsyncGenerator<SourceFile> {
  const { head, whole } = await peek(input.chunks)
  if (!isZip(head)) {
    yield { file: input.fileName, bytes: decompress(input.fileName, whole) }
    return
  }
  const entries = zipEntries(whole, wanted)
  for (let next = await entries.next(); ; next = await entries.next()) {
    if (!next.done) {
      yield { file: `${input.fileName}/${next.value.name}`, bytes: next.value.bytes }
      continue
    }
    const damage = next.value
    // biome-ignore lint/correctness/useYield: a file without bytes, only its damage
    const nothing = async function* (): UnpackedBytes {
      return damage
    }
    if (damage) yield { file: input.fileName, bytes: nothing() }
    return
  }
}
