// The bytes of a file, read no faster than what is made of them is written.
import { fileSize, readChunks } from '../engine/files.ts'

/**
 * Chunks of a file for a stage whose sink is synchronous: before each further chunk, waits for the write that is under way.
 * Iterated again, the file is read again.
 * @param written the newest write that the disk had to be waited for, if any
 * @param onShare told the share of the file that is read, 0..1
 */
export function pacedChunks(
  path: string,
  written: () => Promise<void> | undefined,
  onShare?: (share: number) => void,
): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      const size = onShare ? await fileSize(path) : 0
      let seen = 0
      for await (const chunk of readChunks(path)) {
        await written()
        yield chunk
        seen += chunk.length
        onShare?.(size > 0 ? seen / size : 1)
      }
    },
  }
}
