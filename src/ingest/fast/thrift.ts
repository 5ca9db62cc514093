// Thrift's compact protocol, as much of it as the metadata of a Parquet file needs: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

/** A value to write: numbers are 32-bit unless they are `long`. */
export type ThriftValue =
  | { readonly type: 'int' | 'long'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'list'; readonly of: readonly ThriftValue[] }
  | { readonly type: 'struct'; readonly fields: ThriftFields }

/** Fields of a struct by their ids. */
export type ThriftFields = Readonly<Record<number, ThriftValue>>

const codes = { int: 5, long: 6, text: 8, list: 9, struct: 12 } as const

/** A 32-bit integer. */
export const int = (value: number): ThriftValue => ({ type: 'int', value })
/** A 64-bit integer up to 2^53. */
export const long = (value: number): ThriftValue => ({ type: 'long', value })
/** A text. */
export const text = (value: string): ThriftValue => ({ type: 'text', value })
/** A list of values of one type; not empty. */
export const list = (of: readonly ThriftValue[]): ThriftValue => ({ type: 'list', of })
/** A struct. */
export const struct = (fields: ThriftFields): ThriftValue => ({ type: 'struct', fields })

/** The bytes of a struct. */
export function thriftBytes(fields: ThriftFields): Uint8Array<ArrayBuffer> {
  const out: number[] = []
  writeStruct(fields, out)
  return Uint8Array.from(out)
}

/** The bytes of an unsigned integer, seven bits each, the last one without its high bit. */
export function varint(value: number): number[] {
  const out: number[] = []
  let rest = value
  while (rest > 127) {
    out.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return [...out, rest]
}

function writeStruct(fields: ThriftFields, out: number[]): void {
  let last = 0
  for (const [id, value] of Object.entries(fields)) {
    out.push(((Number(id) - last) << 4) | codes[value.type])
    last = Number(id)
    write(value, out)
  }
  out.push(0)
}

function write(value: ThriftValue, out: number[]): void {
  if (value.type === 'struct') writeStruct(value.fields, out)
  else if (value.type === 'text') {
    const bytes = Buffer.from(value.value)
    out.push(...varint(bytes.length), ...bytes)
  } else if (value.type === 'list') writeList(value.of, out)
  else out.push(...varint(zigzag(value.value)))
}

function writeList(of: readonly ThriftValue[], out: number[]): void {
  const code = codes[(of[0] ?? struct({})).type]
  if (of.length < 15) out.push((of.length << 4) | code)
  else out.push(0xf0 | code, ...varint(of.length))
  for (const value of of) write(value, out)
}

const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1)
