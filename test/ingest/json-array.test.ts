// A damaged record in a JSON array costs itself and none of its neighbours.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fault } from '../../src/ingest/fault.ts'
import { readArray } from '../../src/ingest/json-array.ts'

type Told = { readonly records: readonly [unknown, number][]; readonly faults: readonly [string, number][] }

async function read(
  text: string | Buffer,
  { chunkSize = 1000, limit = 100_000, damaged = false } = {},
): Promise<Told> {
  const records: [unknown, number][] = []
  const faults: [string, number][] = []
  const bytes = Buffer.from(text as string)
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize)
    return damaged ? fault('unreadable', 'the rest is gone') : undefined
  }
  await readArray(chunks(), limit, {
    record: (value, line) => records.push([value, line]),
    fault: ({ reason }, line) => faults.push([reason, line]),
  })
  return { records, faults }
}
const values = async (text: string) => (await read(text)).records.map(([value]) => value)

test('records are told with the line they begin on, nested ones as one', async () => {
  const text =
    '\ufeff[\n  {"a": 1},\n  {\n    "b": [{"c": 1}, {"c": 2}],\n    "d": {"e": "}, {\\"f\\""}\n  }\n]\n'
  expect(await read(text)).toEqual({
    records: [
      [{ a: 1 }, 2],
      [{ b: [{ c: 1 }, { c: 2 }], d: { e: '}, {"f"' } }, 3],
    ],
    faults: [],
  })
})

test.each([
  ['cut in a text', '[{"a":1},{"a":"cut off},{"a":3}]', [{ a: 1 }, { a: 3 }], 1],
  ['cut in a key, a new line', '[\n{"a":1},\n{"a\n{"a":3}\n]', [{ a: 1 }, { a: 3 }], 1],
  ['cut before its end', '[{"a":1},{"b":[1,{"a":3}]', [{ a: 1 }, { a: 3 }], 1],
  ['garbage in between', '[{"a":1},xyz,{"a":3}]', [{ a: 1 }, { a: 3 }], 1],
  ['no literal', '[{"a":tru},{"a":3}]', [{ a: 3 }], 1],
  ['the end is missing', '[{"a":1},{"a":3},{"a":', [{ a: 1 }, { a: 3 }], 1],
  ['NUL', '[{"a":"\\u0000"},{"a":3}]', [{ a: 3 }], 1],
  ['no array at all', 'xyz', [], 1],
  ['empty', '[]', [], 0],
  ['nothing', '', [], 0],
])('%s', async (_case, text, expected, faults) => {
  expect(await values(text)).toEqual(expected)
  expect((await read(text)).faults).toHaveLength(faults)
  expect(await read(text, { chunkSize: 1 })).toEqual(await read(text))
})

test('a record over the limit is a fault, its neighbours are records', async () => {
  const text = `[{"a":1},{"a":"${'x'.repeat(5000)}"},{"a":3}]`
  for (const chunkSize of [1, 100, 10_000]) {
    const { records, faults } = await read(text, { limit: 1000, chunkSize })
    expect(records.map(([value]) => value)).toEqual([{ a: 1 }, { a: 3 }])
    expect(faults).toEqual([['too-long', 1]])
  }
})

test('bytes that are not UTF-8 cost their record', async () => {
  const text = Buffer.concat([Buffer.from('[{"a":"'), Buffer.from([0xff]), Buffer.from('"},{"a":"é"}]')])
  expect(await read(text)).toEqual({ records: [[{ a: 'é' }, 1]], faults: [['bad-encoding', 1]] })
})

test('where the bytes end early, the rest is one fault', async () => {
  const { records, faults } = await read('[{"a":1},\n{"a":', { damaged: true })
  expect(records).toHaveLength(1)
  expect(faults).toEqual([['unreadable', 2]])
})

test('any array of objects is read as JSON.parse does, however it is written and cut', async () => {
  const records = fc.array(
    fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1, maxKeys: 4 }),
    { maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(
      records,
      fc.constantFrom(0, 2),
      fc.integer({ min: 1, max: 200 }),
      async (array, indent, chunkSize) => {
        fc.pre(!JSON.stringify(array).includes('\\u0000'))
        const text = JSON.stringify(array, null, indent)
        const told = await read(text, { chunkSize })
        expect(told.records.map(([value]) => value)).toEqual(JSON.parse(text))
        expect(told.faults).toEqual([])
      },
    ),
  )
})
