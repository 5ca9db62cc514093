// The normalized form of a name: the keys under which different spellings of one artist or title meet.

/** Featured guests, from the word to the end: ` (feat. X)`, ` ft. X`, ` featuring X`. */
const guests = / ?[([]? ?(?<![\p{L}\p{N}\p{M}])(?:feat|ft|featuring)(?![\p{L}\p{N}\p{M}])[^\p{L}\p{N}]+.+$/u
const trailingArticle = /, ?(the|an|a)$/u
/** Letters that Unicode does not take apart into a base letter and a mark, and the final sigma, which depends on its neighbours. */
const plainLetters: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  ħ: 'h',
  ŋ: 'n',
  ŧ: 't',
  ς: 'σ',
}
const unplain = new RegExp(`[${Object.keys(plainLetters).join('')}]`, 'gu')
/** Marks are ornament on these scripts only: elsewhere (が, ไ, कि) they are part of the letter. */
const ornamented = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu
const apostrophe = /(?<=\p{L})['’‘`ʼ](?=\p{L})/gu
const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&apos;': "'",
  '&#39;': "'",
  '&quot;': '"',
}
const plainWords = /^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$/

/**
 * Returns the normalized form of an artist's name or a title: lower case, without ornament, punctuation, featured guests
 * and a leading "the", words parted by one space. Escapes that a web form left (`%20`, `&amp;`) are undone.
 * Where nothing would be left ("!!!", "+/-"), the folded original is returned; only white space gives ''.
 * Normalizing twice changes nothing more.
 *
 *     Beatles, The -> beatles       Simon & Garfunkel -> simon and garfunkel      Ke$ha -> kesha
 *     BJÖRK        -> bjork         Drake feat. Rihanna -> drake                  P!nk  -> pink
 *     The The      -> the the       Destiny's Child -> destinys child             AC/DC -> ac dc (see squashName)
 */
export function normalizeName(name: string): string {
  let key = name
  for (let round = 0; round < mostRounds; round++) {
    const next = normalizedOnce(key)
    if (next === key) return key
    key = next
  }
  return key
}

/** What falls off can bring to light what falls off as well; two rounds are the rule, and this bounds them. */
const mostRounds = 16

function normalizedOnce(name: string): string {
  const folded = plainWords.test(name) ? name.toLowerCase() : plainCase(fold(unescaped(name)))
  const guestless = folded.replace(guests, '') || folded
  const words = plainWords.test(guestless) ? guestless : wordsOf(swapArticle(guestless))
  return withoutArticle(words) || guestless
}

/** Returns the second, coarser key: the normalized form without spaces, under which AC/DC and ACDC meet. */
export function squashName(name: string): string {
  return normalizeName(name).replaceAll(' ', '')
}

/** Undoes percent encoding and the commonest HTML entities; a text that is not whole stays as it is. */
function unescaped(name: string): string {
  const decoded = /%[0-9A-Fa-f]{2}/.test(name) ? percentDecoded(name) : name
  return decoded.includes('&')
    ? decoded.replace(/&(?:amp|apos|#39|quot);/g, (entity) => entities[entity] ?? entity)
    : decoded
}

function percentDecoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

/** NFKC, without invisible characters, every run of white space one space, trimmed. */
function fold(name: string): string {
  return name
    .toWellFormed()
    .replaceAll('´', "'")
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** Upper case first, so that ß becomes ss; then lower case, then ornament falls off. */
function plainCase(name: string): string {
  return name
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(ornamented, '$1')
    .replace(unplain, (letter) => plainLetters[letter] ?? letter)
    .normalize('NFC')
}

function swapArticle(name: string): string {
  const article = trailingArticle.exec(name)
  return article ? `${article[1]} ${name.slice(0, article.index)}` : name
}

/** Letters that are written as signs become letters, other signs spaces. */
function wordsOf(name: string): string {
  return name
    .replace(/(?<=\p{L})\$+|\$+(?=\p{L})/gu, (run) => 's'.repeat(run.length))
    .replace(/(?<=\p{L})!(?=\p{L})/gu, 'i')
    .replace(apostrophe, '')
    .replace(/&|(?<=[\p{L}\p{N}] ?)\+(?= ?[\p{L}\p{N}])/gu, ' and ')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()
}

/** "the the band" loses both, "the the" neither. */
function withoutArticle(words: string): string {
  const bare = words.replace(/^(?:the )+/u, '')
  return bare === 'the' ? words.replace(/^(?:the )+the$/u, 'the the') : bare
}
