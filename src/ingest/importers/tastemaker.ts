// Our own raw events, passed through after a check, so that a file from elsewhere can be laid into the store like any other.

import type { RawEvent } from '../../data/raw-event.ts'
import { decompress } from '../decompress.ts'
import { type Fault, isFault } from '../fault.ts'
import { parseJson } from '../json-text.ts'
import { checkRawEvent, knownFields } from '../raw-event-check.ts'
import { readLines } from '../read-lines.ts'
import { firstLine, headText } from './head-text.ts'
import { createTally, type Importer } from './importer.ts'

/** Raw events of docs/events.md, one JSON object a line. */
export const tastemakerImporter: Importer = {
  name: 'tastemaker',
  title: 'Tastemaker events (NDJSON)',
  accepts: (_fileName, head) => {
    const parsed = parseJson(firstLine(headText(head)))
    return !isFault(parsed) && !isFault(checkRawEvent(parsed.value))
  },
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    const at = (line: number) => ({ file: input.fileName, line })
    await readLines(decompress(input.fileName, input.chunks), context.maxLineBytes, {
      line(text, number) {
        if (text.trim() === '') return
        const parsed = parseJson(text)
        tally.tell(isFault(parsed) ? parsed : checked(parsed.value), at(number), text)
      },
      fault: (wrong, number, text) => tally.tell(wrong, at(number), text),
    })
    return tally.counts()
  },
}

function checked(value: unknown): RawEvent | Fault {
  const event = checkRawEvent(value)
  return isFault(event) ? event : knownFields(event)
}
