// Records of JSON: one a line, or the elements of one array; whichever the bytes turn out to be.
import { peekCharacter, type UnpackedBytes } from '../decompress.ts'
import { isFault } from '../fault.ts'
import { type RecordSink, readArray } from '../json-array.ts'
import { parseJson } from '../json-text.ts'
import type { LineSink } from '../line-reader.ts'
import { readLines } from '../read-lines.ts'

/** Tells the sink every record of an array, when the first character is `[`, or of lines. Blank lines are passed over. */
export async function readJsonRecords(
  bytes: UnpackedBytes,
  maxRecordBytes: number,
  sink: RecordSink,
): Promise<void> {
  const { first, whole } = await peekCharacter(bytes)
  if (first === '[') await readArray(whole, maxRecordBytes, sink)
  else await readLines(whole, maxRecordBytes, jsonLines(sink))
}

/** What parses lines for a sink of records. */
export function jsonLines(sink: RecordSink): LineSink {
  return {
    line(text, line) {
      if (text.trim() === '') return
      const parsed = parseJson(text)
      if (isFault(parsed)) sink.fault(parsed, line, text)
      else sink.record(parsed.value, line, text)
    },
    fault: sink.fault,
  }
}
