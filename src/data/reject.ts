// The reject: a line that could not become a clean event, kept so that a person can look at it.

/** Why a line was rejected; a closed list, so that counts add up. */
export const rejectReasons = [
  'malformed', // not JSON, or not the format's line shape
  'truncated', // the file or line ends in the middle
  'bad-encoding', // not valid UTF-8
  'too-long', // longer than the line limit
  'schema', // JSON, but not an event: the detail says which field
  'bad-time', // no time, or one that cannot be read
  'future-time', // further ahead than clocks differ
  'too-old', // before music services existed, often seconds for milliseconds
  'no-user',
  'no-artist',
  'no-track', // a listen of nothing: a podcast, an audiobook
  'not-music', // a record the format marks as something else
  'private', // the listener asked for no history (incognito)
  'bad-value', // a number outside its range
  'unreadable', // the object could not be decompressed or read any further
] as const

/** One of the reasons. */
export type RejectReason = (typeof rejectReasons)[number]

/** One reject. `text` is the line's beginning, with anything that looks like personal data left to the raw zone. */
export type Reject = {
  /** Object key or file name. */
  readonly file: string
  /** Counted from 1; the record's number for formats that are one JSON array. */
  readonly line: number
  readonly reason: RejectReason
  /** What was wrong, in words: the field and the value seen. */
  readonly detail: string
  /** At most the first 1,000 characters of the line. */
  readonly text: string
}
