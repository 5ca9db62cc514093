// Spellings of one artist meet, different artists stay apart, a person's word wins and holds, and the table is stable.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CatalogueArtist, IdentityDecision } from '../../src/data/artist-identity.ts'
import { type IdentityOptions, resolveIdentities } from '../../src/features/identity.ts'
import { oneEditApart } from '../../src/features/identity-rules.ts'

const base: IdentityOptions = { merge: 'all', minScore: 0.8, decisions: [], earlier: [], now: 1000 }
/** Artists with the ids a, b, c, ... in this order. */
const named = (...artists: readonly (readonly [string, number])[]): CatalogueArtist[] =>
  artists.map(([name, plays], at) => ({ artistId: String.fromCharCode(97 + at), name, plays }))
const resolve = (catalogue: readonly CatalogueArtist[], options: Partial<IdentityOptions> = {}) =>
  resolveIdentities(catalogue, { ...base, ...options }).map(
    ({ artistId, canonicalId, rule }) => `${artistId}>${canonicalId} ${rule}`,
  )
const mbid = (digit: number) => `0000000${digit}-0000-4000-8000-000000000000`

describe('rules', () => {
  test.each<[string, [string, number], [string, number], string[]]>([
    ['equal names', ['beatles, the', 3], ['The Beatles', 9], ['a>b same-name']],
    ['spaces and points', ['ACDC', 9], ['AC/DC', 3], ['b>a same-letters']],
    ['an abbreviation is no word', ['A.N.I.M.A.L.', 3], ['Animal', 90], []],
    ['run together', ['BottleRockets', 3], ['The Bottle Rockets', 90], ['a>b same-letters']],
    ['two letters are too few', ['A B', 9], ['AB', 3], []],
    ['turned names', ['Strummer, Joe', 3], ['Joe Strummer', 30], ['a>b same-words']],
    [
      'turned lines',
      ['Bert Jansch & John Renbourn', 9],
      ['John Renbourn and Bert Jansch', 3],
      ['b>a same-words'],
    ],
    ['a track number', ['02Mogwai', 2], ['Mogwai', 6000], ['a>b known-part']],
    ['a title', ['Norah Jones - Sunrise', 2], ['Norah Jones', 6000], ['a>b known-part']],
    ['a bracket', ['Uncle Tupelo (Gram Parsons)', 2], ['Uncle Tupelo', 600], ['a>b known-part']],
    ['a numeral is a name', ['2 Dope', 2], ['Dope', 6000], []],
    ['a slip', ['Nne Inch Nails', 2], ['Nine Inch Nails', 6000], ['a>b alike']],
    ['swapped letters', ['Dan Fogleberg', 2], ['Dan Fogelberg', 600], ['a>b alike']],
    ['a slip is rare', ['Steven Wright Band', 200], ['Stevan Wright Band', 600], []],
    ['a plural is another name', ['The Foundations', 2], ['The Foundation', 600], []],
    ['digits tell apart', ['Symphony No 41', 2], ['Symphony No 42', 600], []],
    ['short names', ['Iron Wine', 2], ['Iran Wine', 600], []],
    ['nobody', ['Unknown Artist', 2], ['unknown artist', 600], []],
  ])('%s', (_what, a, b, rows) => expect(resolve(named(a, b))).toEqual(rows))

  test('a title that is an artist too says nothing', () => {
    expect(resolve(named(['Brian Eno - David Byrne', 2], ['Brian Eno', 900], ['David Byrne', 900]))).toEqual(
      [],
    )
  })

  test('rules below the least score do not count', () => {
    expect(resolve(named(['Nne Inch Nails', 2], ['Nine Inch Nails', 6000]), { minScore: 0.85 })).toEqual([])
  })

  test('one edit apart', () => {
    expect(oneEditApart('abcd', 'abxd')).toBe(true)
    expect(oneEditApart('abcd', 'acbd')).toBe(true)
    expect(oneEditApart('abcd', 'abd')).toBe(true)
    expect(oneEditApart('abcd', 'abcde')).toBe(false)
    expect(oneEditApart('xbcd', 'abcd')).toBe(false)
    expect(oneEditApart('abcd', 'abcd')).toBe(false)
  })
})

describe('guards', () => {
  test('two MusicBrainz ids are two artists, and a bare name goes to the one heard far more, else to none', () => {
    const nirvana = (plays: number): CatalogueArtist[] => [
      { artistId: mbid(1), name: 'Nirvana', plays: 1000 },
      { artistId: mbid(2), name: 'Nirvana', plays },
      { artistId: 'name:nirvana', name: 'nirvana', plays: 5 },
    ]
    expect(resolve(nirvana(10))).toEqual([`name:nirvana>${mbid(1)} same-name`])
    expect(resolve(nirvana(900))).toEqual([])
  })

  test('no chain of names joins two MusicBrainz ids', () => {
    const rows = resolve([
      { artistId: mbid(1), name: 'Thee Band Of Men', plays: 100 },
      { artistId: 'name:1', name: 'Men, Thee Band Of', plays: 50 },
      { artistId: mbid(2), name: 'Men Thee Band-Of', plays: 40 },
    ])
    expect(rows).toEqual([`name:1>${mbid(2)} same-name`])
  })

  test('ids of the service vouch unless all may merge; names alone merge with them', () => {
    const catalogue: CatalogueArtist[] = [
      { artistId: '1', name: 'Mark', plays: 100 },
      { artistId: '2', name: 'Mark', plays: 2 },
      { artistId: 'name:mark', name: 'Mark', plays: 500 },
    ]
    expect(resolve(catalogue, { merge: 'names' })).toEqual(['name:mark>1 same-name'])
    expect(resolve(catalogue)).toEqual(['1>name:mark same-name', '2>name:mark same-name'])
    expect(resolve(catalogue, { merge: 'off' })).toEqual([])
  })

  test('bold guesses make no chains: what hangs carries nothing', () => {
    const rows = resolve(
      named(['Abcdefghxijkl', 1000], ['Abcdefghyijkl', 100], ['Abcdefghyijkm l', 10], ['Abcdefghyujkl', 1]),
    )
    for (const row of rows) expect(rows.some((other) => other.startsWith(`${row[2]}>`))).toBe(false)
  })
})

describe('a person’s word', () => {
  const catalogue = named(['Prince', 900], ['The Artist', 10], ['PRINCE', 5], ['Madonna', 4])
  const merge = (artistId: string, into: string, at = 1): IdentityDecision => ({
    kind: 'merge',
    artistId,
    into,
    at,
  })
  const split = (artistId: string, at = 1): IdentityDecision => ({ kind: 'split', artistId, at })

  test('merges what no rule would, and whoever means the same comes along', () => {
    expect(resolve(catalogue, { decisions: [merge('b', 'a')] })).toEqual(['b>a decided', 'c>a same-name'])
    expect(resolve(catalogue, { merge: 'off', decisions: [merge('b', 'a')] })).toEqual(['b>a decided'])
  })

  test('a split is never merged again, until a later merge says so', () => {
    expect(resolve(catalogue, { decisions: [split('c')] })).toEqual([])
    expect(resolve(catalogue, { decisions: [merge('c', 'd', 1), split('c', 2)] })).toEqual([])
    expect(resolve(catalogue, { decisions: [merge('c', 'd', 3), split('c', 2)] })).toEqual(['c>d decided'])
  })

  test('a word on artists that are gone is kept for when they come back', () => {
    expect(resolve(catalogue, { decisions: [merge('gone', 'a'), split('gone too')] })).toEqual([
      'c>a same-name',
    ])
  })
})

test('a row says by which rule the two met, whichever of them is heard more', () => {
  const catalogue = [
    { artistId: 'name:beatles', name: 'Beatles', plays: 900 },
    { artistId: mbid(1), name: 'The Beatles', plays: 20 },
  ]
  expect(resolveIdentities(catalogue, base)).toEqual([
    { artistId: 'name:beatles', canonicalId: mbid(1), rule: 'same-name', score: 0.97, decidedAt: 1000 },
  ])
})

describe('stability', () => {
  test('rows keep their time, and a canonical id stays until it is overtaken twofold', () => {
    const first = resolveIdentities(named(['Moe', 100], ['moe.', 90]), base)
    expect(first).toMatchObject([{ artistId: 'b', canonicalId: 'a', decidedAt: 1000 }])
    const later = { ...base, earlier: first, now: 2000 }
    expect(resolveIdentities(named(['Moe', 100], ['moe.', 150]), later)).toEqual(first)
    expect(resolveIdentities(named(['Moe', 100], ['moe.', 250]), later)).toMatchObject([
      { artistId: 'a', canonicalId: 'b', decidedAt: 2000 },
    ])
  })

  test('the order of artists changes nothing; canonical ids are their own; the second time gives the same', () => {
    const name = fc.constantFrom(
      'Moe',
      'moe.',
      'The Moe',
      'Joe Strummer',
      'Strummer, Joe',
      'Nine Inch Nails',
      'Nne Inch Nails',
      'Nine Inch Nails - Hurt',
      'ACDC',
      'AC/DC',
    )
    const catalogue = fc.uniqueArray(
      fc.record({
        artistId: fc.oneof(
          fc.integer({ min: 1, max: 30 }).map(String),
          fc.integer({ min: 1, max: 9 }).map(mbid),
        ),
        name,
        plays: fc.integer({ min: 1, max: 1000 }),
      }),
      { selector: ({ artistId }) => artistId, maxLength: 14 },
    )
    fc.assert(
      fc.property(catalogue, fc.constantFrom('names', 'all'), (artists, merge) => {
        const options = { ...base, merge } as IdentityOptions
        const rows = resolveIdentities(artists, options)
        expect(resolveIdentities([...artists].reverse(), options)).toEqual(rows)
        expect(resolveIdentities(artists, { ...options, earlier: rows, now: 2000 })).toEqual(rows)
        const mapped = new Set(rows.map(({ artistId }) => artistId))
        for (const { canonicalId } of rows) expect(mapped.has(canonicalId)).toBe(false)
        const vouched = rows.filter(({ artistId }) => artistId.includes('-') || merge === 'names')
        expect(vouched).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
