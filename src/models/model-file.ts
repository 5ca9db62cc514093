// Model <-> one file: a header that names its arrays, then the arrays, ready to be viewed without a copy.
import type { Model, ModelArrays } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'
import type { ModelParts } from './algorithm.ts'
import { openParts } from './models.ts'

/*
 *   0  'TMMODEL1'           magic with the version of the format
 *   8  uint32               length of the header in bytes
 *  12  uint32               checksum of all bytes but these four
 *  16  JSON, UTF-8          name, artistCount, options, arrays: [{ name, type, length, offset }]
 *   …  arrays               little-endian, each at a multiple of 64 from the start, zeros between
 */
const magic = 'TMMODEL1'
const headerAt = 16
const alignment = 64

type ArrayEntry = {
  readonly name: string
  readonly type: 'float32' | 'int32'
  readonly length: number
  /** Bytes from the start of the arrays, which begin at the first multiple of 64 behind the header. */
  readonly offset: number
}

type Header = Omit<ModelParts, 'arrays'> & { readonly arrays: readonly ArrayEntry[] }

/** The bytes of a model; the same model gives the same bytes. At most 4 GiB of arrays, else `too-large`. */
export function encodeModel(model: Model): Uint8Array {
  const entries = layOut(model.arrays)
  const header: Header = {
    name: model.name,
    artistCount: model.artistCount,
    options: sortedByName(model.options),
    arrays: entries,
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const start = aligned(headerAt + text.length)
  const last = entries.at(-1)
  const total = start + (last ? last.offset + 4 * last.length : 0)
  if (total >= 2 ** 32)
    throw new TastemakerError(
      'too-large',
      `Model ${model.name} takes ${total} bytes; a model file ends at 4 GiB.`,
    )
  const bytes = new Uint8Array(total)
  bytes.set(new TextEncoder().encode(magic))
  const view = new DataView(bytes.buffer)
  view.setUint32(8, text.length, true)
  bytes.set(text, headerAt)
  for (const { name, offset } of entries) {
    const array = model.arrays[name]!
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + offset)
  }
  view.setUint32(12, checksum(bytes), true)
  return bytes
}

function layOut(arrays: ModelArrays): ArrayEntry[] {
  const entries: ArrayEntry[] = []
  let offset = 0
  for (const [name, array] of Object.entries(sortedByName(arrays))) {
    entries.push({
      name,
      type: array instanceof Float32Array ? 'float32' : 'int32',
      length: array.length,
      offset,
    })
    offset = aligned(offset + array.byteLength)
  }
  return entries
}

const sortedByName = <value>(record: Readonly<Record<string, value>>): Record<string, value> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

const aligned = (at: number): number => Math.ceil(at / alignment) * alignment

/**
 * Opens a model's bytes on shared memory, so that workers read its arrays without a copy.
 * Foreign, cut or damaged bytes throw `corrupt`.
 */
export function openModel(bytes: Uint8Array, context: { readonly workers: Workers }): Model {
  if (bytes.length < headerAt || new TextDecoder('latin1').decode(bytes.subarray(0, 8)) !== magic)
    throw new TastemakerError('corrupt', `These ${bytes.length} bytes are no model of format ${magic}.`)
  const shared = new SharedArrayBuffer(bytes.length)
  const whole = new Uint8Array(shared)
  whole.set(bytes)
  const view = new DataView(shared)
  if (view.getUint32(12, true) !== checksum(whole))
    throw new TastemakerError(
      'corrupt',
      `A model of ${bytes.length} bytes is damaged or cut; fetch or train it again.`,
    )
  const end = headerAt + view.getUint32(8, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(headerAt, end))) as Header
  const arrays: Record<string, Float32Array | Int32Array> = {}
  for (const { name, type, length, offset } of header.arrays) {
    const at = aligned(end) + offset
    arrays[name] =
      type === 'float32' ? new Float32Array(shared, at, length) : new Int32Array(shared, at, length)
  }
  return openParts({ ...header, arrays }, context.workers)
}

/** FNV-1a over 32-bit words (Fowler, Noll, Vo), the checksum's own word left out and the tail filled with zeros; then mixed. */
function checksum(bytes: Uint8Array): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  let sum = 0x811c_9dc5 ^ bytes.length
  for (let at = 0; at < words.length; at++)
    if (at !== 3) {
      sum = Math.imul(sum ^ words[at]!, 0x0100_0193)
      sum ^= sum >>> 15
    }
  for (let at = words.length << 2; at < bytes.length; at++) sum = Math.imul(sum ^ bytes[at]!, 0x0100_0193)
  return (sum ^ (sum >>> 16)) >>> 0
}
