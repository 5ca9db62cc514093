// CSV: RFC 4180 read back, and quotes that cost their own line only.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decompress } from '../../../src/ingest/decompress.ts'
import { readCsv } from '../../../src/ingest/importers/csv.ts'
import { chunksOf } from '../ingest-bytes.ts'

async function read(
  text: string,
  delimiter = ',',
): Promise<{ rows: string[][]; faults: [number, string][] }> {
  const rows: string[][] = []
  const faults: [number, string][] = []
  const bytes = decompress('a.csv', chunksOf(Buffer.from(text), 7))
  await readCsv(
    bytes,
    { delimiter, maxLineBytes: 10_000 },
    {
      row: (fields) => rows.push([...fields]),
      fault: ({ reason }, line) => faults.push([line, reason]),
    },
  )
  return { rows, faults }
}

test('quotes, delimiters in quotes, newlines in quotes, empty fields, CRLF and blank lines', async () => {
  expect(await read('\ufeffa,b,c\r\n\r\n1,"x, ""y""",\r\n"","two\r\nlines",3')).toEqual({
    rows: [
      ['a', 'b', 'c'],
      ['1', 'x, "y"', ''],
      ['', 'two\nlines', '3'],
    ],
    faults: [],
  })
})

test('a quote that never closes, or closes too early, is one fault and no more', async () => {
  expect(await read('a,b\n1,"open\n2,two\n3,"three"\n4,"fo"ur\n5,five\n')).toEqual({
    rows: [
      ['a', 'b'],
      ['2', 'two'],
      ['3', 'three'],
      ['5', 'five'],
    ],
    faults: [
      [2, 'malformed'],
      [5, 'malformed'],
    ],
  })
})

test('whatever is written is read back', async () => {
  const field = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', ' ', 'ä', '😀') })
  const rows = fc.array(fc.array(field, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(rows, async (table) => {
      const text = table.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')).join('\n')
      expect(await read(text)).toEqual({ rows: table, faults: [] })
    }),
    { numRuns: 300 },
  )
})
