// docs/events.md tells the truth: its schema is the code's, its examples are events, its reject reasons are all of them.
// After a change of the schema, write the block anew with: UPDATE_DOCS=1 vitest run test/ingest/events-doc.test.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventKinds } from '../../src/data/event.ts'
import { rawEventSchema, rawRetractionSchema } from '../../src/data/raw-event.ts'
import { rejectReasons } from '../../src/data/reject.ts'
import { importers } from '../../src/ingest/importers.ts'
import { ingestBytes } from './ingest-bytes.ts'

const path = new URL('../../docs/events.md', import.meta.url)
const block = /<!-- schema:begin -->[\s\S]*<!-- schema:end -->/

/** The document with the schema of the code in its block. */
function withSchema(document: string): string {
  const blocks = [rawEventSchema, rawRetractionSchema].map(
    (schema) => `\`\`\`json\n${JSON.stringify(schema, null, 2)}\n\`\`\`\n`,
  )
  return document.replace(block, () => `<!-- schema:begin -->\n${blocks.join('\n')}<!-- schema:end -->`)
}

const document = readFileSync(path, 'utf8')

test('the schema in the document is the schema of the code', () => {
  if (process.env.UPDATE_DOCS) writeFileSync(path, withSchema(document))
  const current = readFileSync(path, 'utf8')
  expect(current).toMatch(block)
  expect(current === withSchema(current), 'docs/events.md is old: run with UPDATE_DOCS=1').toBe(true)
})

test('every example is a valid event, and every kind has one', async () => {
  const examples = [...document.replace(block, '').matchAll(/```json\n([\s\S]*?)```/g)]
    .map((match) => match[1])
    .join('')
  const { events, rejects } = await ingestBytes(examples)
  expect(rejects).toEqual([])
  expect(new Set(events.map((event) => event.kind))).toEqual(new Set([...eventKinds, 'retract']))
})

test('every reason and every format is explained', () => {
  for (const name of [...rejectReasons, ...importers.map((importer) => importer.name)]) {
    expect(document).toContain(`| \`${name}\` |`)
  }
})
