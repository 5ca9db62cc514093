// Faults: damages some of a day's lines, repeats some, respells some, and counts exactly how many.
import type { Random } from '../statistics/random.ts'
import type { FaultRates } from './presets.ts'

/** How many of each fault were planted; every line carries at most one kind of damage, and damaged lines are never repeated. */
export type FaultCounts = {
  /** Second copies, of an event of the same day. */
  readonly duplicates: number
  /** Second copies, of an event of the day before. */
  readonly lateDuplicates: number
  readonly truncated: number
  readonly badEncoding: number
  readonly wrongType: number
  readonly missingUser: number
  readonly futureTime: number
  /** Valid events with a respelled artist name; their copies are not counted again. */
  readonly nameVariants: number
}

/** A line of an event file, without its newline; bytes where it is not UTF-8. */
export type Line = string | Uint8Array

/** A day's lines with their faults. */
export type FaultyDay = {
  readonly lines: readonly Line[]
  readonly planted: FaultCounts
  /** Valid events, each counted once. */
  readonly events: number
  /** Copies to be sent on the next day. */
  readonly late: readonly string[]
}

type Counts = { -readonly [Fault in keyof FaultCounts]: number }
type Damage = 'truncated' | 'badEncoding' | 'wrongType' | 'missingUser' | 'futureTime'

const damages: readonly Damage[] = ['truncated', 'badEncoding', 'wrongType', 'missingUser', 'futureTime']

/** Lines that a strict reader rejects. */
export function damagedLines(counts: FaultCounts): number {
  return damages.reduce((sum, damage) => sum + counts[damage], 0)
}

/**
 * Plants faults in a day's valid lines. Copies come at once, at the end of the day, or on the next day (`late`).
 * @param lines distinct valid events as written by event-lines.ts
 * @param options.late copies that yesterday left over; `options.futureAt` a time that is certainly ahead, ms UTC
 * @param options.last on the last day no copy is left over
 */
export function plantFaults(
  lines: readonly string[],
  random: Random,
  options: {
    readonly rates: FaultRates
    readonly late: readonly string[]
    readonly futureAt: number
    readonly last: boolean
  },
): FaultyDay {
  const { rates, late } = options
  const planted = { ...noFaults, lateDuplicates: late.length }
  const sent: Sent = { out: [...late], atEnd: [], late: [] }
  for (const line of lines) {
    const damage = drawDamage(rates, random)
    if (damage) {
      planted[damage] += 1
      sent.out.push(damaged(line, damage, { random, futureAt: options.futureAt }))
      continue
    }
    const varies = random.uniform() < rates.nameVariant
    if (varies) planted.nameVariants += 1
    const kept = varies ? respelled(line, random) : line
    sent.out.push(kept)
    if (random.uniform() < rates.duplicate)
      sendAgain(sent, kept, options.last ? 0.85 * random.uniform() : random.uniform())
  }
  for (const line of sent.atEnd) sent.out.push(line)
  planted.duplicates = sent.out.length - late.length - lines.length
  return { lines: sent.out, planted, events: lines.length - damagedLines(planted), late: sent.late }
}

type Sent = { readonly out: Line[]; readonly atEnd: string[]; readonly late: string[] }

/** Six copies in ten at once, one in four at the end of the day, the rest a day late. */
function sendAgain({ out, atEnd, late }: Sent, line: string, when: number): void {
  if (when < 0.6) out.push(line)
  else if (when < 0.85) atEnd.push(line)
  else late.push(line)
}

const noFaults: Counts = {
  duplicates: 0,
  lateDuplicates: 0,
  truncated: 0,
  badEncoding: 0,
  wrongType: 0,
  missingUser: 0,
  futureTime: 0,
  nameVariants: 0,
}

function drawDamage(rates: FaultRates, random: Random): Damage | undefined {
  let left = random.uniform()
  for (const damage of damages) {
    left -= rates[damage]
    if (left < 0) return damage
  }
  return undefined
}

function damaged(
  line: string,
  damage: Damage,
  { random, futureAt }: { readonly random: Random; readonly futureAt: number },
): Line {
  if (damage === 'truncated') return line.slice(0, 1 + random.below(line.length - 1))
  if (damage === 'badEncoding') return withBadBytes(line)
  if (damage === 'missingUser') return line.replace('"user":', '"listener":')
  if (damage === 'wrongType') return withWrongType(line, random)
  const at = futureAt + random.below(365 * 86_400_000)
  return line.replace(timeField, `"at":${at}`)
}

const timeField = /"at":(?:"[^"]*"|\d+)/
const nameField = /"name":("(?:[^"\\]|\\.)*")/

/** 0xC3 0x28 opens a two-byte character and does not end it; 0xFF never occurs in UTF-8. */
function withBadBytes(line: string): Uint8Array {
  const at = line.indexOf('"name":"') + '"name":"'.length
  const [before, after] = [encoder.encode(line.slice(0, at)), encoder.encode(line.slice(at))]
  const bytes = new Uint8Array(before.length + 3 + after.length)
  bytes.set(before)
  bytes.set([0xc3, 0x28, 0xff], before.length)
  bytes.set(after, before.length + 3)
  return bytes
}

const encoder = new TextEncoder()

function withWrongType(line: string, random: Random): string {
  const form = random.below(4)
  if (form === 0) return line.replace('"artist":', '"artist":"somebody","card":')
  if (form === 1) return line.replace('"at":', '"at":true,"when":')
  if (form === 2) return line.replace('"event":"', '"event":"un')
  return line.replace('"user":', '"user":["nobody"],"listener":')
}

/** The name in another case, with stray spaces, or decomposed; the normalized form stays the same. */
function respelled(line: string, random: Random): string {
  return line.replace(nameField, (_, literal: string) => {
    const name: string = JSON.parse(literal)
    const spellings = [name.toUpperCase(), name.toLowerCase(), name.replace(' ', '  '), name.normalize('NFD')]
    const others = spellings.filter((spelling) => spelling !== name && sameWhenFolded(spelling, name))
    others.push(` ${name}  `)
    return `"name":${JSON.stringify(others[random.below(others.length)])}`
  })
}

/** Some letters do not survive a change of case (a dotless i, a final sigma); such spellings are left out. */
function sameWhenFolded(a: string, b: string): boolean {
  const fold = (text: string) => text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ')
  return fold(a) === fold(b)
}
