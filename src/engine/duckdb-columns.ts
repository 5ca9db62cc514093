// A streamed DuckDB result by column: numbers into one Float64Array each, all else as strings.
import { type DuckDBResult, DuckDBTypeId, type DuckDBVector } from '@duckdb/node-api'
import { TastemakerError } from '../errors.ts'
import type { EngineColumns } from './engine.ts'

type Column = {
  add(vector: DuckDBVector, rows: number): void
  all(): Float64Array | readonly (string | null)[]
}

/**
 * Reads a result to its end. Numeric types are numbers with null as NaN; other types are strings or null.
 * Two columns of one name are a `bad-argument`.
 */
export async function readColumns(result: DuckDBResult): Promise<EngineColumns> {
  const names = result.columnNames()
  if (new Set(names).size < names.length)
    throw new TastemakerError('bad-argument', `Two columns have one name among ${names.join(', ')}.`)
  const columns = names.map((_, index) => createColumn(result.columnTypeId(index)))
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    for (const [index, column] of columns.entries()) column.add(chunk.getColumnVector(index), chunk.rowCount)
  }
  return Object.fromEntries(names.map((name, index) => [name, columns[index]!.all()]))
}

/** Types whose vectors are typed arrays of numbers, or of 64-bit integers. */
const arrayTypes: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
])
const wideTypes: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.DECIMAL,
])

function createColumn(type: DuckDBTypeId): Column {
  if (arrayTypes.has(type)) return createNumbers(copyArray)
  return wideTypes.has(type) ? createNumbers(copyEach) : createTexts()
}

function createNumbers(copy: (vector: DuckDBVector, into: Float64Array) => void): Column {
  let values = new Float64Array(2048)
  let length = 0
  return {
    add(vector, rows) {
      if (length + rows > values.length) {
        const larger = new Float64Array(Math.max(length + rows, values.length * 2))
        larger.set(values)
        values = larger
      }
      copy(vector, values.subarray(length, length + rows))
      length += rows
    },
    all: () => values.slice(0, length),
  }
}

/** What the vectors of `arrayTypes` hold, though their types do not show it: 20 times as fast as a call per value. */
type VectorMemory = {
  readonly items?: BigInt64Array | BigUint64Array | Float64Array | Int32Array
  readonly validity?: { readonly data: BigUint64Array | null }
}

function copyArray(vector: DuckDBVector, into: Float64Array): void {
  const { items, validity } = vector as unknown as VectorMemory
  if (items === undefined || validity === undefined || items.length < into.length) {
    copyEach(vector, into)
    return
  }
  if (items instanceof BigInt64Array || items instanceof BigUint64Array) copyBigIntegers(items, into)
  else into.set(items.length === into.length ? items : items.subarray(0, into.length))
  if (validity.data !== null)
    for (let row = 0; row < into.length; row++) if (vector.getItem(row) === null) into[row] = Number.NaN
}

/** Two halves of 32 bits make the same double as Number(bigint) does up to 2^53, without making a bigint. */
function copyBigIntegers(items: BigInt64Array | BigUint64Array, into: Float64Array): void {
  const low = new Uint32Array(items.buffer, items.byteOffset, items.length * 2)
  const signed = items instanceof BigInt64Array
  const high = signed ? new Int32Array(items.buffer, items.byteOffset, items.length * 2) : low
  for (let row = 0; row < into.length; row++) into[row] = high[2 * row + 1]! * 2 ** 32 + low[2 * row]!
}

function copyEach(vector: DuckDBVector, into: Float64Array): void {
  for (let row = 0; row < into.length; row++) {
    const value = vector.getItem(row)
    into[row] = value === null ? Number.NaN : Number(value)
  }
}

function createTexts(): Column {
  const values: (string | null)[] = []
  return {
    add(vector, rows) {
      for (let row = 0; row < rows; row++) {
        const value = vector.getItem(row)
        values.push(value === null ? null : String(value))
      }
    },
    all: () => values,
  }
}
