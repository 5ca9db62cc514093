// The scanner of one raw line: where the values of known fields stand, or that the line is not as plain as it must be.
import { artistKeys, eventKeys, type Field, field, fieldCount, type Keys, trackKeys } from './line-fields.ts'

/**
 * What the last line held. Only meaningful for fields whose bit is set; `null` sets no bit. Texts are spans of the bytes between
 * the quotes: no escapes, no control characters, any UTF-8.
 */
export type Scanned = {
  /** Bit sets by field number. */
  texts: number
  numbers: number
  /** Booleans that are true; false ones set no bit. */
  truths: number
  objects: number
  /** Begin and end by field: `spans[2 * field]`, `spans[2 * field + 1]`. */
  readonly spans: Int32Array
  readonly values: Float64Array
  /** The numbers of `volumes`, when its bit is in `objects`. */
  readonly volumes: Float64Array
  volumeCount: number
  /** Where the line ends: behind its newline. */
  end: number
}

/** Longest list of volumes that the schema allows. */
const mostVolumes = 64
const quote = 34
const comma = 44
const colon = 58
const backslash = 92
const openBrace = 123
const closeBrace = 125
const openBracket = 91
const closeBracket = 93
const newline = 10
const zero = 48

/** What a value of each field must be. */
const isText = 1
const isNumber = 2
const isTruth = 3
const isTime = 4
const isArtist = 5
const isTrack = 6
const isVolumes = 7

const kinds = kindsOf()

/** Makes a scanner's memory. */
export function createScanned(): Scanned {
  return {
    texts: 0,
    numbers: 0,
    truths: 0,
    objects: 0,
    spans: new Int32Array(2 * fieldCount),
    values: new Float64Array(fieldCount),
    volumes: new Float64Array(mostVolumes),
    volumeCount: 0,
    end: 0,
  }
}

/**
 * Scans the line that begins at `at`; true when it is one JSON object of which everything was understood, `into` then holds it.
 * `bytes` must end with a newline and be UTF-8. False: nothing is known of the line. Left to the slow lane are escapes, control characters,
 * numbers with an exponent, a minus zero or more than 15 digits, a field told twice, values of another type than the schema's, and unknown keys with
 * an object or a list behind them.
 */
export function scanLine(bytes: Uint8Array, at: number, into: Scanned): boolean {
  into.texts = 0
  into.numbers = 0
  into.truths = 0
  into.objects = 0
  seen = 0
  const begin = skipSpace(bytes, at)
  if (bytes[begin] !== openBrace) return false
  const closed = members(bytes, begin + 1, eventKeys, into)
  if (closed < 0) return false
  const end = skipSpace(bytes, closed)
  into.end = end + 1
  return bytes[end] === newline
}

/** Bit set of the fields of the line that were told, null included. */
let seen = 0
/** The number that `numberEnd` read. */
let number = 0

/** Reads members up to the closing brace; returns the place behind it, or -1. */
function members(bytes: Uint8Array, from: number, keys: Keys, into: Scanned): number {
  let at = skipSpace(bytes, from)
  if (bytes[at] === closeBrace) return at + 1
  for (;;) {
    at = member(bytes, at, keys, into)
    if (at < 0) return -1
    at = skipSpace(bytes, at)
    const code = bytes[at]
    if (code === closeBrace) return at + 1
    if (code !== comma) return -1
    at = skipSpace(bytes, at + 1)
  }
}

/** Reads `"key": value`; returns the place behind it, or -1. */
function member(bytes: Uint8Array, from: number, keys: Keys, into: Scanned): number {
  if (bytes[from] !== quote) return -1
  const keyEnd = textEnd(bytes, from + 1)
  if (keyEnd < 0) return -1
  const which = keys(bytes, from + 1, keyEnd)
  const between = skipSpace(bytes, keyEnd + 1)
  if (bytes[between] !== colon) return -1
  const at = skipSpace(bytes, between + 1)
  if (which < 0) return skipScalar(bytes, at)
  const bit = 1 << which
  if ((seen & bit) !== 0) return -1
  seen |= bit
  return bytes[at] === 110 ? literalEnd(bytes, at) : value(bytes, at, which as Field, into)
}

function value(bytes: Uint8Array, at: number, which: Field, into: Scanned): number {
  switch (kinds[which]) {
    case isText:
      return bytes[at] === quote ? text(bytes, at, which, into) : -1
    case isNumber:
      return numeral(bytes, at, which, into)
    case isTime:
      return bytes[at] === quote ? text(bytes, at, which, into) : numeral(bytes, at, which, into)
    case isArtist:
      return nested(bytes, at, { which, keys: artistKeys }, into)
    case isTrack:
      return nested(bytes, at, { which, keys: trackKeys }, into)
    case isTruth:
      return truth(bytes, at, which, into)
    default:
      return volumes(bytes, at, into)
  }
}

function text(bytes: Uint8Array, at: number, which: Field, into: Scanned): number {
  const end = textEnd(bytes, at + 1)
  if (end < 0) return -1
  into.spans[2 * which] = at + 1
  into.spans[2 * which + 1] = end
  into.texts |= 1 << which
  return end + 1
}

function numeral(bytes: Uint8Array, at: number, which: Field, into: Scanned): number {
  const end = numberEnd(bytes, at)
  if (end < 0) return -1
  into.values[which] = number
  into.numbers |= 1 << which
  return end
}

function truth(bytes: Uint8Array, at: number, which: Field, into: Scanned): number {
  if (bytes[at] === 116) into.truths |= 1 << which
  else if (bytes[at] !== 102) return -1
  return literalEnd(bytes, at)
}

function nested(
  bytes: Uint8Array,
  at: number,
  { which, keys }: { readonly which: Field; readonly keys: Keys },
  into: Scanned,
): number {
  if (bytes[at] !== openBrace) return -1
  into.objects |= 1 << which
  return members(bytes, at + 1, keys, into)
}

function volumes(bytes: Uint8Array, from: number, into: Scanned): number {
  if (bytes[from] !== openBracket) return -1
  into.objects |= 1 << field.volumes
  into.volumeCount = 0
  let at = skipSpace(bytes, from + 1)
  if (bytes[at] === closeBracket) return at + 1
  while (into.volumeCount < mostVolumes) {
    at = numberEnd(bytes, at)
    if (at < 0) return -1
    into.volumes[into.volumeCount] = number
    into.volumeCount += 1
    at = skipSpace(bytes, at)
    if (bytes[at] === closeBracket) return at + 1
    if (bytes[at] !== comma) return -1
    at = skipSpace(bytes, at + 1)
  }
  return -1
}

/** The closing quote of a text that begins at `at`; -1 for escapes and control characters, a newline among them. */
function textEnd(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    const code = bytes[at] as number
    if (code === quote) return at
    if (code < 32 || code === backslash) return -1
    at += 1
  }
}

const powersOfTen = Float64Array.from({ length: 16 }, (_, power) => 10 ** power)

/**
 * Reads a JSON number into `number`; returns the place behind it, or -1. At most 15 digits are an exact integer, and an exact integer over an
 * exact power of ten is rounded once: the double is the one that JSON.parse gives.
 */
function numberEnd(bytes: Uint8Array, from: number): number {
  const negative = bytes[from] === 45
  const begin = negative ? from + 1 : from
  let at = digitsEnd(bytes, begin)
  const whole = at - begin
  if (whole === 0 || whole > 15 || (bytes[begin] === zero && whole > 1)) return -1
  let magnitude = digits
  if (bytes[at] === 46) {
    const point = at
    at = digitsEnd(bytes, point + 1)
    const decimals = at - point - 1
    if (decimals === 0 || whole + decimals > 15) return -1
    magnitude = (magnitude * (powersOfTen[decimals] as number) + digits) / (powersOfTen[decimals] as number)
  }
  if ((bytes[at] as number | 32) === 101 || (negative && magnitude === 0)) return -1
  number = negative ? -magnitude : magnitude
  return at
}

/** The number that `digitsEnd` read; exact up to 15 digits. */
let digits = 0

function digitsEnd(bytes: Uint8Array, from: number): number {
  let at = from
  let sum = 0
  for (;;) {
    const digit = (bytes[at] as number) - zero
    if (digit < 0 || digit > 9) break
    sum = sum * 10 + digit
    at += 1
  }
  digits = sum
  return at
}

/** Passes over the value of an unknown key: a text, a number or a literal. */
function skipScalar(bytes: Uint8Array, at: number): number {
  const code = bytes[at] as number
  if (code === quote) {
    const end = textEnd(bytes, at + 1)
    return end < 0 ? -1 : end + 1
  }
  return code >= 97 ? literalEnd(bytes, at) : numberEnd(bytes, at)
}

const literals = ['null', 'true', 'false'].map((literal) => Buffer.from(literal))

/** The place behind `null`, `true` or `false`, or -1. */
function literalEnd(bytes: Uint8Array, at: number): number {
  for (const literal of literals) {
    if (literal.every((code, index) => bytes[at + index] === code)) return at + literal.length
  }
  return -1
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from
  while (bytes[at] === 32 || bytes[at] === 9 || bytes[at] === 13) at += 1
  return at
}

function kindsOf(): Uint8Array {
  const all = new Uint8Array(fieldCount).fill(isText)
  const { playedMs, position, propensity, value: amount, schema } = field
  const { followers, artistRank, durationMs, trackLikes, revision } = field
  const numbers = [
    playedMs,
    position,
    propensity,
    amount,
    schema,
    followers,
    artistRank,
    durationMs,
    trackLikes,
    revision,
  ]
  for (const which of numbers) all[which] = isNumber
  all[field.at] = isTime
  all[field.receivedAt] = isTime
  all[field.artist] = isArtist
  all[field.track] = isTrack
  all[field.skipped] = isTruth
  all[field.volumes] = isVolumes
  return all
}
