// A table of distinct byte strings: each gets an index, found again without making a string of it.

/** Byte strings by index, in the order in which they came. */
export type ByteTable = {
  /** Index + 1 by slot; 0: free. Its length is a power of two. */
  slots: Int32Array
  hashes: Int32Array
  /** Where each begins in `bytes`; the next one's begin is its end. */
  begins: Int32Array
  bytes: Uint8Array
  count: number
}

const firstSlots = 256

/** Makes an empty table. */
export function createByteTable(): ByteTable {
  return {
    slots: new Int32Array(firstSlots),
    hashes: new Int32Array(firstSlots / 2),
    begins: new Int32Array(firstSlots / 2 + 1),
    bytes: new Uint8Array(firstSlots * 8),
    count: 0,
  }
}

/** Forgets everything; keeps its memory. */
export function clearByteTable(table: ByteTable): void {
  table.slots.fill(0)
  table.count = 0
}

/** Index of the bytes from `begin` to `end`; -1 when they are not in the table. */
export function findBytes(table: ByteTable, bytes: Uint8Array, begin: number, end: number): number {
  const hash = hashOf(bytes, begin, end)
  const { slots, hashes } = table
  const mask = slots.length - 1
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const index = (slots[slot] as number) - 1
    if (index < 0) return -1
    if (hashes[index] === hash && isSame(table, index, bytes, begin, end)) return index
  }
}

/** Adds bytes that are not in the table; returns their index. */
export function addBytes(table: ByteTable, bytes: Uint8Array, begin: number, end: number): number {
  if (table.count * 2 >= table.slots.length) grow(table)
  const index = table.count
  const at = table.begins[index] as number
  const until = at + end - begin
  if (until > table.bytes.length) table.bytes = enlarged(table.bytes, until)
  table.bytes.set(bytes.subarray(begin, end), at)
  table.begins[index + 1] = until
  table.hashes[index] = hashOf(bytes, begin, end)
  table.count = index + 1
  enter(table, index)
  return index
}

/** A copy with room for at least `needed` bytes. */
export function enlarged(bytes: Uint8Array, needed: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(needed, bytes.length * 2))
  larger.set(bytes)
  return larger
}

function grow(table: ByteTable): void {
  const size = table.slots.length * 2
  const { hashes, begins } = table
  table.hashes = new Int32Array(size / 2)
  table.hashes.set(hashes)
  table.begins = new Int32Array(size / 2 + 1)
  table.begins.set(begins)
  table.slots = new Int32Array(size)
  for (let index = 0; index < table.count; index += 1) enter(table, index)
}

function enter({ slots, hashes }: ByteTable, index: number): void {
  const mask = slots.length - 1
  let slot = (hashes[index] as number) & mask
  while (slots[slot] !== 0) slot = (slot + 1) & mask
  slots[slot] = index + 1
}

function isSame(table: ByteTable, index: number, bytes: Uint8Array, begin: number, end: number): boolean {
  const at = table.begins[index] as number
  if ((table.begins[index + 1] as number) - at !== end - begin) return false
  const known = table.bytes
  for (let offset = end - begin - 1; offset >= 0; offset -= 1) {
    if (known[at + offset] !== bytes[begin + offset]) return false
  }
  return true
}

/** FNV-1a (Fowler, Noll, Vo), mixed once more so that the low bits depend on all. */
function hashOf(bytes: Uint8Array, begin: number, end: number): number {
  let hash = 0x811c9dc5
  for (let at = begin; at < end; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return hash ^ (hash >>> 15)
}
