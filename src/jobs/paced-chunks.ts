// The bytes of a file, read no faster than what is made of them is written.
import { readChunks } from '../engine/files.ts'

/**
 * Chunks of a file for a stage whose sink is synchronous: before each further chunk, waits for the write that is under way.
 * @param written the newest write that the disk had to be waited for, if any
 */
export async function* pacedChunks(
  path: string,
  written: () => Promise<void> | undefined,
): AsyncIterable<Uint8Array> {
  for await (const chunk of readChunks(path)) {
    await written()
    yield chunk
  }
}
