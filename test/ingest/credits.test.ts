// Credit lines come apart where the catalogue is certain, and bands with "&" in their name stay whole.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalizeName } from '../../src/data/artist-name.ts'
import { creditsOf, type KnownName } from '../../src/ingest/credits.ts'

const plays: Readonly<Record<string, number>> = {
  'Miles Davis': 1927,
  'John Coltrane': 900,
  'Miles Davis and John Coltrane': 23,
  'Simon & Garfunkel': 5000,
  Simon: 20,
  Garfunkel: 3,
  'Earth, Wind & Fire': 3000,
  Earth: 400,
  Wind: 2,
  Fire: 50,
  'Tyler, The Creator': 8000,
  Tyler: 10,
  'The Creator': 1,
  'Kali Uchis': 4000,
  'Daft Punk': 9000,
  'Mr. Oizo': 700,
  'Mr. Oizo vs Daft Punk': 7,
  Drake: 9000,
  Rihanna: 9000,
  'Flea & Friends': 3,
  'Tom Morello': 100,
  Flea: 200,
  'Nick Cave & The Bad Seeds': 8000,
  'Nick Cave': 2000,
  'The Bad Seeds': 5,
  Skrillex: 600,
  'Fred again..': 500,
}
const byKey = new Map(Object.entries(plays).map(([name, count]) => [normalizeName(name), { plays: count }]))
const known: KnownName = (key) => byKey.get(key)
const split = (line: string) => creditsOf(line, known).map(({ name, weight }) => [name, weight])

test.each<[string, [string, number][]]>([
  [
    'Drake feat. Rihanna',
    [
      ['Drake', 1],
      ['Rihanna', 0.25],
    ],
  ],
  [
    'Drake (ft. Rihanna)',
    [
      ['Drake', 1],
      ['Rihanna', 0.25],
    ],
  ],
  [
    'Drake featuring Somebody New',
    [
      ['Drake', 1],
      ['Somebody New', 0.25],
    ],
  ],
  [
    'Drake feat. Flea & Tom Morello',
    [
      ['Drake', 1],
      ['Flea', 0.25],
      ['Tom Morello', 0.25],
    ],
  ],
  [
    'Miles Davis and John Coltrane',
    [
      ['Miles Davis', 0.5],
      ['John Coltrane', 0.5],
    ],
  ],
  [
    'Drake, Rihanna and Daft Punk',
    [
      ['Drake', 1 / 3],
      ['Rihanna', 1 / 3],
      ['Daft Punk', 1 / 3],
    ],
  ],
  [
    'Drake, Rihanna, & Daft Punk',
    [
      ['Drake', 1 / 3],
      ['Rihanna', 1 / 3],
      ['Daft Punk', 1 / 3],
    ],
  ],
  [
    'Mr. Oizo vs Daft Punk',
    [
      ['Mr. Oizo', 0.5],
      ['Daft Punk', 0.5],
    ],
  ],
  [
    'Skrillex x Fred again..',
    [
      ['Skrillex', 0.5],
      ['Fred again..', 0.5],
    ],
  ],
  [
    'Tyler, The Creator & Kali Uchis',
    [
      ['Tyler, The Creator', 0.5],
      ['Kali Uchis', 0.5],
    ],
  ],
  [
    'Tyler, The Creator feat. Kali Uchis',
    [
      ['Tyler, The Creator', 1],
      ['Kali Uchis', 0.25],
    ],
  ],
  ['Drake & Drake', [['Drake', 1]]],
])('%s', (line, credits) => expect(split(line)).toEqual(credits))

test.each([
  'Simon & Garfunkel',
  'Earth, Wind & Fire',
  'Tyler, The Creator',
  'Nick Cave & The Bad Seeds',
  'Nobody & Nowhere',
  'Drake & Nobody',
  'feat. Nobody',
  'AC/DC',
  'Ft',
])('%s stays whole', (line) => expect(split(line)).toEqual([[line, 1]]))

test('an id that vouches for the line keeps it whole', () => {
  const vouching: KnownName = (key) =>
    key === 'miles davis and john coltrane' ? { plays: 1, vouched: true } : known(key)
  expect(creditsOf('Miles Davis and John Coltrane', vouching)).toHaveLength(1)
})

test('every line gives somebody, hosts count 1 at most in all, and no name is invented', () => {
  const pieces = fc.constantFrom(
    'Drake',
    'Rihanna',
    'Nobody',
    '&',
    ',',
    'feat.',
    'and',
    'x',
    '(',
    ')',
    'Flea',
    'vs.',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 9 }), (words) => {
      const line = words.join(' ')
      const credits = creditsOf(line, known)
      expect(credits.length > 0).toBe(line.trim() !== '')
      for (const { name } of credits) expect(line).toContain(name)
      const hosts = credits.filter(({ role }) => role !== 'featured')
      expect(hosts.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(1 + 1e-12)
    }),
  )
})
