// Our own raw events, passed through after a check, so that a file from elsewhere can be laid into the store like any other.

import { type RawEvent, rawArtistSchema, rawEventSchema, rawTrackSchema } from '../../data/raw-event.ts'
import { decompress } from '../decompress.ts'
import { type Fault, isFault } from '../fault.ts'
import { parseJson } from '../json-text.ts'
import { checkRawEvent } from '../raw-event-check.ts'
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
        tally.tell(isFault(parsed) ? parsed : knownFields(parsed.value), at(number), text)
      },
      fault: (wrong, number, text) => tally.tell(wrong, at(number), text),
    })
    return tally.counts()
  },
}

/** A raw event with the fields of its schema and no others: what nobody reads is not copied. */
function knownFields(value: unknown): RawEvent | Fault {
  const event = checkRawEvent(value)
  if (isFault(event)) return event
  return {
    ...pick(event, rawEventSchema.properties),
    artist: pick(event.artist, rawArtistSchema.properties),
    ...(event.track && { track: pick(event.track, rawTrackSchema.properties) }),
  } as RawEvent
}

function pick(from: object, properties: object): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => Object.hasOwn(properties, key)))
}
