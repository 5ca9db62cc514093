// Spellings that mean the same artist meet under one key, and different artists do not.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalizeName, squashName } from '../../src/data/artist-name.ts'

describe('names that mean the same', () => {
  test.each([
    [
      'the beatles',
      'beatles',
      ['The Beatles', 'beatles, the', 'BEATLES', '  The   Beatles ', 'The%20Beatles'],
    ],
    ['marks', 'bjork', ['Björk', 'BJÖRK', 'Bjo\u0308rk', 'Bjork', 'Bj%C3%B6rk']],
    ['strokes', 'mo', ['MØ', 'Mø', 'mo']],
    ['sharp s', 'strasse', ['Straße', 'STRASSE']],
    ['dotted i', 'ibrahim tatlises', ['İbrahim Tatlıses', 'Ibrahim Tatlises']],
    ['final sigma', 'οδοσ', ['ΟΔΟΣ', 'οδος', 'Οδός']],
    ['hyphens', 'jay z', ['JAY-Z', 'Jay\u2010Z', 'Jay Z']],
    ['and', 'simon and garfunkel', ['Simon & Garfunkel', 'Simon and Garfunkel', 'Simon + Garfunkel']],
    ['entities', 'simon and garfunkel', ['Simon &amp; Garfunkel']],
    [
      'apostrophes',
      'destinys child',
      ["Destiny's Child", 'Destiny’s Child', 'Destiny´s Child', 'Destinys Child'],
    ],
    [
      'guests',
      'drake',
      ['Drake feat. Rihanna', 'Drake ft. Rihanna', 'Drake (feat. Rihanna)', 'Drake featuring X'],
    ],
    ['dollars', 'kesha', ['Ke$ha', 'Kesha']],
    ['dollars within', 'asap rocky', ['A$AP Rocky', 'ASAP Rocky']],
    ['dollars at the end', 'joey badass', ['Joey Bada$$', 'Joey BadaSS']],
    ['dollars at the start', 'too short', ['Too $hort', 'Too Short']],
    ['exclamation', 'pink', ['P!nk', 'Pink']],
    ['the the', 'the the', ['The The', 'the  the']],
    ['width and ligature', 'finger eleven', ['ﬁnger Eleven', 'Ｆｉｎｇｅｒ Eleven']],
    ['invisible', 'nonpoint', ['Nonpoint\u200b', 'Nonpoint']],
  ])('%s', (_case, key, spellings) => {
    expect(spellings.map(normalizeName)).toEqual(spellings.map(() => key))
  })
})

describe('names that stay themselves', () => {
  test.each([
    '!!!',
    '+/-',
    '$$$',
    '???',
    '宇多田ヒカル',
    'ガガガsp',
    'น้อย',
    'किशोर कुमार',
    '신화',
    'عمر دياب',
    '44',
  ])('%s', (name) => expect(normalizeName(name)).toBe(name))

  test('a voiced kana is not the plain one, +44 is a number, a name may begin with feat', () => {
    expect(normalizeName('ガ')).not.toBe(normalizeName('カ'))
    expect(normalizeName('+44')).toBe('44')
    expect(normalizeName('feat. Nobody')).toBe('feat nobody')
    expect(normalizeName('Defeat This')).toBe('defeat this')
    expect(normalizeName('100% Legit')).toBe('100 legit')
    expect(normalizeName(' \t ')).toBe('')
  })
})

test('the squashed key joins what only spaces and points part', () => {
  expect(squashName('AC/DC')).toBe(squashName('ACDC'))
  expect(squashName('will.i.am')).toBe('william')
  expect(squashName('U.G.K.')).toBe(squashName('UGK'))
})

const anyName = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(..."aBÉßøİςＫ$!&+.,-’'´%2(ft) tThHeE the feat é́"), maxLength: 14 }),
  fc
    .array(fc.constantFrom('the', 'The', 'feat.', 'ft-', 'a', 'AC/DC', '&', ',', 'x', 'é', '!'), {
      maxLength: 6,
    })
    .map((words) => words.join(' ')),
)

test('normalizing twice changes nothing more; a name is never lost', () => {
  fc.assert(
    fc.property(anyName, (name) => {
      const once = normalizeName(name)
      expect(normalizeName(once)).toBe(once)
      expect(once).toBe(once.trim())
      if (name.replace(/[\s\p{Cf}\p{Cc}]/gu, '') !== '') expect(once).not.toBe('')
      expect(squashName(once)).toBe(squashName(name))
    }),
    { numRuns: 2000 },
  )
})

test('case and marks change nothing', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'abcxyzéèüñçåøłßжйдё αβγ'), maxLength: 12 })
  fc.assert(
    fc.property(letters, (name) => {
      expect(normalizeName(name.toUpperCase())).toBe(normalizeName(name))
      expect(normalizeName(name.replace(/[a-z]/g, '$&\u0301'))).toBe(normalizeName(name))
    }),
    { numRuns: 1000 },
  )
})
