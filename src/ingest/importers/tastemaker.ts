// Our own raw events, passed through after a check, so that a file from elsewhere can be laid into the store like any other.

import { decompress } from '../decompress.ts'
import { type Fault, isFault } from '../fault.ts'
import { parseJson } from '../json-text.ts'
import { checkRawLine, knownFields } from '../raw-event-check.ts'
import { headText } from './head-text.ts'
import { createTally, type ImportedEvent, type Importer } from './importer.ts'
import { readJsonRecords } from './json-records.ts'
import { firstFilledLine } from './table-head.ts'

const ownEvent = /"event"\s*:\s*"(listen|impression|click|like|follow|playlist_add|play_count|retract)"/

/** Raw events of docs/events.md: one JSON object a line, or one array of them. */
export const tastemakerImporter: Importer = {
  name: 'tastemaker',
  title: 'Tastemaker events (JSON lines or array)',
  personal: [{ field: 'user', becomes: 'pseudonym' }],
  accepts: (_fileName, head) => {
    const text = headText(head)
    const parsed = parseJson(firstFilledLine(text))
    if (!isFault(parsed) && !isFault(checkRawLine(parsed.value))) return true
    return /^\s*[[{]/.test(text) && ownEvent.test(text) && /"user"\s*:/.test(text)
  },
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    await readJsonRecords(decompress(input.fileName, input.chunks), context.maxLineBytes, {
      record: (value, line, text) => tally.tell(checked(value), { file: input.fileName, line }, text),
      fault: (wrong, line, text) => tally.tell(wrong, { file: input.fileName, line }, text),
    })
    return tally.counts()
  },
}

function checked(value: unknown): ImportedEvent | Fault {
  const event = checkRawLine(value)
  return isFault(event) ? event : knownFields(event)
}
