// Lines of an object, whatever its packing: what both steps, import and ingest, begin with.
import { decompress } from './decompress.ts'
import { LineReader, type LineSink } from './line-reader.ts'

/** An object to read. */
export type LineSource = {
  /** Its name tells the packing that is expected. */
  readonly fileName: string
  readonly chunks: AsyncIterable<Uint8Array>
  readonly maxLineBytes: number
}

/**
 * Tells the sink every line of the object and returns how many it told. Where the object cannot be unpacked any further,
 * the unfinished line and all behind it are one last fault, `truncated` or `unreadable`.
 */
export async function readLines(source: LineSource, sink: LineSink): Promise<number> {
  const reader = new LineReader(source.maxLineBytes, sink)
  const bytes = decompress(source.fileName, source.chunks)
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
