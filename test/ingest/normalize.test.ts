// Spellings that mean the same artist meet under one key, and different artists do not.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalizeName, squashName } from '../../src/ingest/normalize.ts'

test.each([
  ['the beatles', 'beatles', ['The Beatles', 'beatles, the', 'BEATLES', '  The   Beatles ']],
  ['marks', 'bjork', ['Björk', 'BJÖRK', 'Bjo\u0308rk', 'Bjork']],
  ['strokes', 'mo', ['MØ', 'Mø', 'mo']],
  ['sharp s', 'strasse', ['Straße', 'STRASSE']],
  ['dotted i', 'ibrahim tatlises', ['İbrahim Tatlıses', 'Ibrahim Tatlises']],
  ['hyphens', 'jay z', ['JAY-Z', 'Jay\u2010Z', 'Jay Z']],
  ['and', 'simon and garfunkel', ['Simon & Garfunkel', 'Simon and Garfunkel', 'Simon + Garfunkel']],
  ['guests', 'drake', ['Drake feat. Rihanna', 'Drake ft. Rihanna', 'Drake (feat. Rihanna)', 'Drake']],
  ['dollars', 'kesha', ['Ke$ha', 'Kesha']],
  ['dollars at the end', 'joey badass', ['Joey Bada$$', 'Joey BadaSS']],
  ['dollars at the start', 'too short', ['Too $hort', 'Too Short']],
  ['exclamation', 'pink', ['P!nk', 'Pink']],
  ['the the', 'the the', ['The The', 'the  the']],
  ['width and ligature', 'finger eleven', ['ﬁnger Eleven', 'Ｆｉｎｇｅｒ Eleven']],
  ['invisible', 'nonpoint', ['Nonpoint\u200b', 'Nonpoint']],
  ['kanji stay', '宇多田ヒカル', ['宇多田ヒカル']],
])('%s', (_case, key, spellings) => {
  expect(spellings.map(normalizeName)).toEqual(spellings.map(() => key))
})

test('a name of signs only stays as it is', () => {
  expect(normalizeName('!!!')).toBe('!!!')
  expect(normalizeName('feat. Nobody')).toBe('feat nobody')
  expect(normalizeName(' \t ')).toBe('')
})

test('the squashed key joins what only spaces and points part', () => {
  expect(squashName('AC/DC')).toBe(squashName('ACDC'))
  expect(squashName('will.i.am')).toBe('william')
})

test('normalizing twice changes nothing more, and never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (name) => {
      const once = normalizeName(name)
      expect(once).toBe(once.trim())
      expect(once === '').toBe(name.replace(/[\s\p{Cf}\p{Cc}]/gu, '') === '')
    }),
  )
})
