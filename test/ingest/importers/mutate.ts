// Seeded damage: what bad disks, bad exports and bad people do to a file, for the fuzz tests of the importers and of ingest.
import { createRandom } from '../../../src/statistics/random.ts'

/** A seeded source of choices. */
export type Dice = {
  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number
  pick<T>(list: readonly T[]): T
}

/** Dice that fall the same for the same seed. */
export function diceOf(seed: number): Dice {
  const random = createRandom(seed)
  return { below: (limit) => random.below(limit), pick: (list) => list[random.below(list.length)]! }
}

type Mutation = (bytes: Buffer, dice: Dice) => Buffer

const splice = (bytes: Buffer, begin: number, end: number, put: Buffer | string): Buffer =>
  Buffer.concat([bytes.subarray(0, begin), Buffer.from(put as string), bytes.subarray(end)])

const insert =
  (...pieces: readonly (string | Buffer)[]): Mutation =>
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1)
    return splice(bytes, at, at, dice.pick(pieces) as string)
  }

/** Replaces one match of a pattern. */
const replace =
  (pattern: RegExp, ...by: readonly string[]): Mutation =>
  (bytes, dice) => {
    const text = bytes.toString('latin1')
    const found = [...text.matchAll(pattern)]
    if (found.length === 0) return bytes
    const { index, 0: match } = dice.pick(found)
    return Buffer.from(text.slice(0, index) + dice.pick(by) + text.slice(index + match.length), 'latin1')
  }

const flipBits: Mutation = (bytes, dice) => {
  const copy = Buffer.from(bytes)
  for (let flips = 1 + dice.below(4); flips > 0 && copy.length > 0; flips -= 1) {
    const at = dice.below(copy.length)
    copy[at] = copy[at]! ^ (1 << dice.below(8))
  }
  return copy
}

const cut: Mutation = (bytes, dice) => {
  const begin = dice.below(bytes.length + 1)
  return splice(bytes, begin, begin + 1 + dice.below(bytes.length - begin + 1), '')
}

const repeatPart: Mutation = (bytes, dice) => {
  const begin = dice.below(bytes.length + 1)
  const end = begin + dice.below(bytes.length - begin + 1)
  return splice(bytes, end, end, bytes.subarray(begin, end))
}

const swapParts: Mutation = (bytes, dice) => {
  const [a, b, c] = [0, 0, 0].map(() => dice.below(bytes.length + 1)).sort((x, y) => x - y) as [
    number,
    number,
    number,
  ]
  return Buffer.concat([bytes.subarray(0, a), bytes.subarray(b, c), bytes.subarray(a, b), bytes.subarray(c)])
}

/** Kinds of damage that any bytes can take. */
export const mutations: readonly Mutation[] = [
  flipBits,
  cut,
  repeatPart,
  swapParts,
  insert('\0', '\u0000\u0000', '\\u0000', '\ufeff', '\u2028', '\ud83d\ude00'),
  insert(Buffer.from([0xc3, 0x28]), Buffer.from([0xff, 0xfe]), Buffer.from([0x80])),
  insert('"', '""', '\\', "'", ',', ';', '\t', '}', ']', '{"', '[', ':', '#', '{"a":', '\r'),
  insert('['.repeat(5000), '{"a":'.repeat(3000)),
  insert('x'.repeat(20_000)),
  replace(/\d+/g, '1e999', '-1', '99999999999999999999999999', '0', 'NaN', '1.5', '1e-7', '', 'null'),
  replace(/"[^"]*"/g, '1', 'null', 'true', '{}', '[]', '""', '" "', '{"a":{"b":[1]}}', '"\\ud800"'),
  replace(/[,:;\t]/g, '', ',,', '\t\t', '::'),
  replace(/[{}[\]]/g, '', '{', ']'),
]

/** Damages bytes in 1 to 3 ways. */
export function mutate(bytes: Buffer, dice: Dice): Buffer {
  let damaged = bytes
  for (let times = 1 + dice.below(3); times > 0; times -= 1) damaged = dice.pick(mutations)(damaged, dice)
  return damaged
}
