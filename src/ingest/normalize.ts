// The normalized form of a name: the key under which different spellings of one artist or title meet.

/** Featured guests, from the word to the end: ` (feat. X)`, ` ft. X`, ` featuring X`. */
const guests = / ?[([]? ?\b(?:feat|ft|featuring)\b\.? .+$/iu
const trailingArticle = /, ?(the|an|a)$/iu
/** Letters that Unicode does not take apart into a base letter and a mark. */
const plainLetters: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
}
const unplain = new RegExp(`[${Object.keys(plainLetters).join('')}]`, 'gu')

/**
 * Returns the normalized form of an artist's name or a title: lower case, without marks, punctuation, featured guests
 * and a leading "the", words parted by one space. Where nothing would be left ("!!!"), the folded original is returned;
 * only white space gives ''.
 *
 *     Beatles, The -> beatles       Simon & Garfunkel -> simon and garfunkel      Ke$ha -> kesha
 *     BJÖRK        -> bjork         Drake feat. Rihanna -> drake                  P!nk  -> pink
 *     The The      -> the the       Straße -> strasse                             AC/DC -> ac dc (see squashName)
 */
export function normalizeName(name: string): string {
  const folded = fold(name)
  const guestless = folded.replace(guests, '') || folded
  const spelled = plainCase(swapArticle(guestless))
    .replace(/(?<=\p{L})\$+|\$+(?=\p{L})/gu, (run) => 's'.repeat(run.length))
    .replace(/(?<=\p{L})!(?=\p{L})/gu, 'i')
    .replace(/ ?[&+] ?/g, ' and ')
  const words = spelled.replace(/[^\p{L}\p{N}]+/gu, ' ').trim()
  return words.replace(/^the (?!the$)/u, '') || spelled.trim()
}

/** Returns the second, coarser key: the normalized form without spaces, under which AC/DC and ACDC meet. */
export function squashName(name: string): string {
  return normalizeName(name).replaceAll(' ', '')
}

/** NFKC, without invisible characters, every run of white space one space, trimmed. */
function fold(name: string): string {
  return name
    .toWellFormed()
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

function swapArticle(name: string): string {
  const article = trailingArticle.exec(name)
  return article ? `${article[1]} ${name.slice(0, article.index)}` : name
}

/** Upper case first, so that ß becomes ss; then lower case, then marks fall off. */
function plainCase(name: string): string {
  return name
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(unplain, (letter) => plainLetters[letter] ?? letter)
}
