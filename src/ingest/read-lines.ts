// Lines of unpacked bytes: what both steps, import and ingest, begin with.
import type { UnpackedBytes } from './decompress.ts'
import { LineReader, type LineSink } from './line-reader.ts'

/**
 * Tells the sink every line and returns how many it told. Where the bytes end early, the unfinished line and all behind it
 * are one last fault, `truncated` or `unreadable`.
 */
export async function readLines(bytes: UnpackedBytes, maxLineBytes: number, sink: LineSink): Promise<number> {
  const reader = new LineReader(maxLineBytes, sink)
  for (let next = await bytes.next(); ; next = await bytes.next()) {
    if (!next.done) {
      reader.push(next.value)
    } else if (next.value) {
      const beginning = reader.abandon()
      sink.fault(next.value, reader.lines + 1, beginning)
      return reader.lines + 1
    } else {
      reader.end()
      return reader.lines
    }
  }
}
