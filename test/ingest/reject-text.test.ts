// What a reject keeps of a line holds no personal data, in whole lines and in broken ones.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AccountRow } from '../../src/data/account.ts'
import { accountTreatments, piiColumns, piiTreatment } from '../../src/ingest/pii.ts'
import { maskText } from '../../src/ingest/reject-text.ts'
import { context, ingestBytes, line } from './ingest-bytes.ts'

const secrets = [
  'Zoe Quillfeather',
  'zoe@quill.example',
  '10.20.30.40',
  'fe80:0:0:0:abcd:12',
  '47.123456',
  '1991-02-03',
  'zoe-77',
]
const personal = JSON.stringify({
  event: 'listen',
  id: 'zoe-77-000123',
  user: 'zoe-77',
  at: 'never',
  full_name: 'Zoe Quillfeather',
  fullName: 'Zoe \\"Q\\" Quillfeather',
  email: ['zoe@quill.example', 'other zoe@quill.example'],
  note: 'write to zoe@quill.example from 10.20.30.40 or fe80:0:0:0:abcd:12',
  ip_addr: '10.20.30.40',
  latitude: 47.123456,
  dateOfBirth: '1991-02-03',
  birthday: { text: '1991-02-03' },
  artist: { id: 'artist-1' },
})

test('a whole line keeps what is not personal', () => {
  const text = maskText(personal, context.pseudonymize)
  for (const secret of secrets) expect(text).not.toContain(secret)
  expect(text).toContain(context.pseudonymize('zoe-77'))
  expect(text).toContain('"at":"never"')
  expect(text).toContain('"artist-1"')
})

test('wherever a line is cut off, nothing personal shows', () => {
  const line = personal.replace('"zoe-77-000123"', '"event-1"')
  for (let end = 1; end < line.length; end += 1) {
    const text = maskText(line.slice(0, end), context.pseudonymize)
    for (const secret of secrets) expect(text).not.toContain(secret)
    expect(text).not.toMatch(/Quill|@|1991|47\.12/)
  }
})

test.each([
  ["{'username': 'zoe-77', 'email' : 'zoe@quill.example'}"],
  ['user=zoe-77&name=Zoe Quillfeather&lat=47.123456&x=1'],
  ['{"\\u0065mail": "zoe\\u0040quill.example", "u\\u0073er": "zoe-77"}'],
  ['{"payload":"{\\"email\\":\\"zoe@quill.example\\",\\"name\\":\\"Zoe Quillfeather\\"}"}'],
  ['email: zoe@quill.example\tname: Zoe Quillfeather\t10.20.30.40'],
  ['{"user":{"id":"zoe-77","name":"Zoe Quillfeather"},"at":5}'],
  ['{"Full-Name":"Zoe Quillfeather","USER_ID":"zoe-77"'],
])('not JSON, or not ours: %s', (text) => {
  const masked = maskText(text, context.pseudonymize)
  for (const secret of secrets) expect(masked).not.toContain(secret)
})

test('a text is at most 1,000 characters, without NUL, for any line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => {
      const masked = maskText(text, context.pseudonymize)
      expect(masked.length).toBeLessThanOrEqual(1000)
      expect(masked).not.toContain('\0')
      expect(masked.isWellFormed()).toBe(true)
    }),
  )
})

test('the rejects of a run are masked, their details too', async () => {
  const { rejects } = await ingestBytes(
    [
      personal,
      personal.slice(0, 150),
      `not json ${personal}`,
      line({ at: 'zoe@quill.example' }),
      line({ event: 'zoe@quill.example' }),
    ].join('\n'),
  )
  expect(rejects).toHaveLength(5)
  for (const secret of secrets) expect(JSON.stringify(rejects)).not.toContain(secret)
})

test('every personal column of an account row is declared, and its key masked', () => {
  const row: Record<keyof AccountRow, true> = {
    user_id: true,
    full_name: true,
    email: true,
    date_of_birth: true,
    latitude: true,
    longitude: true,
    country: true,
  }
  for (const column of Object.keys(row) as (keyof AccountRow)[]) {
    const treatment = accountTreatments[column]
    if (treatment === 'keep') continue
    expect(piiTreatment(column)).toBe(treatment)
    expect(piiColumns.find((declared) => declared.column === column)?.treatment).toBe(treatment)
  }
})
