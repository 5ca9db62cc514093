// Split files: the published text format of train, validation and test parts, one listener a line, read strictly.
import { emptyRows, type SparseRows } from '../data/interaction-matrix.ts'
import { TastemakerError } from '../errors.ts'
import { assertNoLeak } from './splits.ts'

/** The bytes of each part. */
export type SplitFiles = {
  readonly train: Uint8Array
  readonly test: Uint8Array
  readonly validation?: Uint8Array
}

/** The parts as matrices of one shape, value 1, no cell in two of them. */
export type FixedSplit = {
  readonly train: SparseRows
  readonly test: SparseRows
  readonly validation?: SparseRows
}

/**
 * Reads the parts of a published split:
 *
 *   0 5 2 9      user 0: items 5, 2 and 9, in any order
 *   1            user 1: none
 *   3 4          users may come in any order, each in at most one line; user 2 has none
 *
 * Ids count from 0; a line may end in spaces or CR. The parts get the shape of the highest ids of all of them.
 * Anything else throws `bad-input` with file and line: what is no number, a repeated user or item, a user to be found
 * something for without training history, and above all cells that are both in train and in another part, with their
 * number and the first few. Linear in the bytes.
 */
export function readSplit(files: SplitFiles): FixedSplit {
  const train = parseSplitPart(files.train, 'train')
  const test = parseSplitPart(files.test, 'test')
  const validation = files.validation && parseSplitPart(files.validation, 'validation')
  const all = [train, test, ...(validation ? [validation] : [])]
  const shape = {
    rows: all.reduce((most, { users }) => Math.max(most, users), 0),
    columns: all.reduce((most, { items }) => Math.max(most, items), 0),
  }
  const known = layOut(train, shape)
  const split = {
    train: known,
    test: layOut(test, shape),
    ...(validation && { validation: layOut(validation, shape) }),
  }
  for (const part of [test, ...(validation ? [validation] : [])]) assertHistories(part, known)
  assertNoLeak(known, split.test)
  if (split.validation) {
    assertNoLeak(known, split.validation)
    assertNoLeak(split.validation, split.test)
  }
  return split
}

/** One parsed file, lines in its order. */
export type SplitPart = {
  readonly name: string
  /** Highest user id + 1, highest item id + 1; 0 for an empty file. */
  readonly users: number
  readonly items: number
  /** User of each line with a user, the number of that line from 1, and where its items end in `cells`. */
  readonly userOf: readonly number[]
  readonly lineOf: readonly number[]
  readonly ends: readonly number[]
  readonly cells: Int32Array
}

const [tab, newline, carriageReturn, space, zero] = [9, 10, 13, 32, 48]
const highestId = 2 ** 31 - 2

/** Parses one file of a split; see readSplit. @param name what errors call the file */
export function parseSplitPart(bytes: Uint8Array, name: string): SplitPart {
  const [userOf, lineOf, ends]: [number[], number[], number[]] = [[], [], []]
  // A cell takes at least a digit and a separator.
  const cells = new Int32Array((bytes.length >> 1) + 1)
  let [line, to, items, users] = [1, 0, 0, 0]
  let inLine = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === newline) {
      if (inLine) ends.push(to)
      inLine = false
      line++
    }
    if (isGap(byte)) continue
    const end = wordEnd(bytes, at)
    const id = wholeNumber(bytes, at, end)
    if (id < 0) throw fault(name, line, `${quotedText(bytes, at, end)} is no id from 0 to ${highestId}`)
    at = end - 1
    if (inLine) {
      cells[to++] = id
      items = Math.max(items, id + 1)
      continue
    }
    userOf.push(id)
    lineOf.push(line)
    users = Math.max(users, id + 1)
    inLine = true
  }
  if (inLine) ends.push(to)
  return { name, users, items, userOf, lineOf, ends, cells: cells.subarray(0, to) }
}

const isGap = (byte: number): boolean =>
  byte === space || byte === newline || byte === tab || byte === carriageReturn

/** Where the word that starts here ends. */
function wordEnd(bytes: Uint8Array, from: number): number {
  let at = from + 1
  while (at < bytes.length && !isGap(bytes[at]!)) at++
  return at
}

/** The number written in decimal digits, -1 for anything else. */
function wholeNumber(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - zero
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
    if (value > highestId) return -1
  }
  return value
}

const quotedText = (bytes: Uint8Array, from: number, to: number): string =>
  JSON.stringify(new TextDecoder().decode(bytes.subarray(from, Math.min(to, from + 40))))

const fault = (name: string, line: number, problem: string) =>
  new TastemakerError('bad-input', `Split file ${name}, line ${line}: ${problem}.`)

/** The part as sparse rows of value 1, items ascending; repeated users and items are faults. */
function layOut(part: SplitPart, shape: { readonly rows: number; readonly columns: number }): SparseRows {
  const { name, userOf, lineOf, ends, cells } = part
  const out = emptyRows(shape.rows, shape.columns, cells.length)
  const place = new Int32Array(shape.rows).fill(-1)
  for (const [at, user] of userOf.entries()) {
    if (place[user]! >= 0)
      throw fault(name, lineOf[at]!, `user ${user} was in line ${lineOf[place[user]!]} already`)
    place[user] = at
  }
  let to = 0
  for (let user = 0; user < shape.rows; user++) {
    const at = place[user]!
    if (at >= 0) {
      const items = cells.slice(at === 0 ? 0 : ends[at - 1], ends[at]).sort()
      const repeated = items.find((item, index) => item === items[index - 1])
      if (repeated !== undefined) throw fault(name, lineOf[at]!, `item ${repeated} comes twice`)
      out.colIndex.set(items, to)
      to += items.length
    }
    out.rowPtr[user + 1] = to
  }
  out.values.fill(1)
  return out
}

/** Nobody is to be found something for of whom nothing is known. */
function assertHistories({ name, userOf, lineOf, ends }: SplitPart, train: SparseRows): void {
  for (const [at, user] of userOf.entries()) {
    const empty = ends[at] === (at === 0 ? 0 : ends[at - 1])
    if (!empty && train.rowPtr[user] === train.rowPtr[user + 1])
      throw fault(name, lineOf[at]!, `user ${user} has no items in train`)
  }
}
