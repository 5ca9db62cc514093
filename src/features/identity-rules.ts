// The rules that hold two names for one artist, each with its blocking keys: candidates meet where they share a key, never all against all.

import type { CatalogueArtist, IdentityRule } from '../data/artist-identity.ts'
import { normalizeName } from '../data/artist-name.ts'

/** How sure each rule is: see docs/cleaning.md for what was measured. */
const scores: Readonly<Record<Exclude<IdentityRule, 'decided'>, number>> = {
  'same-name': 0.97,
  'same-letters': 0.95,
  'same-words': 0.95,
  'known-part': 0.85,
  alike: 0.8,
}
/** Names that say that nobody is named. */
const nobody = new Set([
  'unknown',
  'unknown artist',
  'various',
  'various artists',
  'n a',
  'none',
  'null',
  'track',
  'artist',
])
/** Words that do not tell artists apart. */
const filler = new Set(['and', 'the', 'n', 'und', 'y', 'et', 'with', 'vs'])
/** A name that is heard so many times as often as another may be what the other meant. */
const farMorePlays = 10
/** Letters below which one changed letter makes another name. */
const alikeLetters = 10
/** Kept of a block at most: a key that so many share says nothing. */
const blockLimit = 200

/** Two ids that a rule holds for one artist; for `alike` and `known-part`, `from` is the one heard less. */
export type Candidate = {
  readonly from: number
  readonly to: number
  readonly rule: IdentityRule
  readonly score: number
}

/** Whether an artist's id says by itself that it is another artist than those of other such ids. */
export type Vouches = (artist: CatalogueArtist) => boolean

type Named = {
  readonly key: string
  readonly squashed: string
  readonly words: readonly string[]
  /** Written without a small letter. */
  readonly isCapital: boolean
}

/**
 * Exact candidates, surest rule first; each links an artist with the one heard most in its block.
 * `same-name`: normalized forms equal. `same-letters`: equal without spaces, six letters at least; an abbreviation only with another
 * (AC/DC, ACDC; but not A.N.I.M.A.L. and Animal).
 * `same-words`: the same words in another order, without "and" and "the" (Strummer, Joe), two words at least.
 * A block in which two artists vouch for themselves and neither is heard far more gives none.
 * @param artists most heard first
 */
export function sameNameCandidates(
  artists: readonly CatalogueArtist[],
  vouches: Vouches,
): readonly Candidate[] {
  const named = { artists, vouches, named: artists.map(namedOf) }
  return [
    ...blocks('same-name', named, ({ key }) => key),
    ...blocks('same-letters', named, lettersKey),
    ...blocks('same-words', named, ({ words }) => (isTelling(words) ? [...words].sort().join(' ') : '')),
  ]
}

/**
 * Bold candidates: `from` is heard far less than `to` (a tenth at most).
 * `known-part`: what is left without a track number, a bracket or what follows " - " (no artist itself) is the name of `to`.
 * `alike`: one letter within is missing, surplus, changed or swapped with its neighbour, in names of ten letters at least, and no digit differs.
 * @param artists most heard first
 * @param minScore rules below it are not looked at; `alike` takes some 3 kB of memory an artist
 */
export function boldCandidates(artists: readonly CatalogueArtist[], minScore: number): readonly Candidate[] {
  const named = artists.map(namedOf)
  return [
    ...(scores['known-part'] >= minScore ? knownParts(artists, named) : []),
    ...(scores.alike >= minScore ? alike(artists, named) : []),
  ]
}

/** Short names and names of single letters meet only those written in capitals: Cat is not C/A/T. */
function lettersKey({ squashed, words, isCapital }: Named): string {
  if (squashed.length < 3) return ''
  const isAbbreviation = squashed.length < 6 || words.every((word) => word.length === 1)
  if (!isAbbreviation) return squashed
  return isCapital ? `capital ${squashed}` : ''
}

/** Two words at least, of which one is more than a letter or two. */
const isTelling = (words: readonly string[]): boolean =>
  words.length >= 2 && words.some((word) => word.length >= 3)

function namedOf({ name }: CatalogueArtist): Named {
  const key = normalizeName(name)
  const words = key.split(' ').filter((word) => !filler.has(word))
  const isCapital = name === name.toUpperCase()
  if (nobody.has(key)) return { key: '', squashed: '', words: [], isCapital }
  return { key, squashed: key.replaceAll(' ', ''), words, isCapital }
}

function blocks(
  rule: 'same-name' | 'same-letters' | 'same-words',
  listed: {
    readonly artists: readonly CatalogueArtist[]
    readonly named: readonly Named[]
    readonly vouches: Vouches
  },
  keyOf: (named: Named) => string,
): readonly Candidate[] {
  const byKey = new Map<string, number[]>()
  for (const [at, one] of listed.named.entries()) {
    const key = keyOf(one)
    if (key !== '') byKey.set(key, [...(byKey.get(key) ?? []), at])
  }
  return [...byKey.values()].flatMap(([to, ...others]) =>
    isAmbiguous([to!, ...others], listed)
      ? []
      : others.map((from) => ({ from, to: to!, rule, score: scores[rule] })),
  )
}

/** Whether two artists that vouch for themselves go by one name and neither is heard far more: nobody can say who a bare name means. */
function isAmbiguous(
  block: readonly number[],
  { artists, vouches }: { readonly artists: readonly CatalogueArtist[]; readonly vouches: Vouches },
): boolean {
  const [first, second] = block.filter((at) => vouches(artists[at]!))
  return first !== undefined && second !== undefined && !muchMore(artists, second, first)
}

/** Whether `to` is heard ten times as often as `from`, so that `from` may be what somebody made of its name. */
export const muchMore = (artists: readonly CatalogueArtist[], from: number, to: number): boolean =>
  artists[to]!.plays >= farMorePlays * artists[from]!.plays

function knownParts(artists: readonly CatalogueArtist[], named: readonly Named[]): readonly Candidate[] {
  const byKey = new Map<string, number>()
  for (const [at, { key }] of named.entries()) if (key !== '' && !byKey.has(key)) byKey.set(key, at)
  return artists.flatMap(({ name }, from): readonly Candidate[] => {
    if (named[from]!.key === '') return []
    for (const { part, rest } of partsOf(name)) {
      if (byKey.has(normalizeName(rest))) continue
      const key = normalizeName(part)
      const to = byKey.get(key)
      if (to !== undefined && to !== from && key.length >= 3 && muchMore(artists, from, to))
        return [{ from, to, rule: 'known-part', score: scores['known-part'] }]
    }
    return []
  })
}

/** What a name may be when a player wrote more than the artist into it; `rest` is what was taken off where it may be an artist too. */
function partsOf(name: string): readonly { readonly part: string; readonly rest: string }[] {
  const titled = /^(.+?)\s+[-–—:]\s+(.*)$/u.exec(name)
  const parts = [
    { part: name.replace(/^\s*(?:\d\d\s*[-._]?|\(?\d{1,2}\)?\s*[-._])\s*(?=\p{L}{3})/u, ''), rest: '' },
    { part: name.replace(/\s*[([（［【][^)\]）］】]*[)\]）］】]\s*$/u, ''), rest: '' },
    { part: titled?.[1] ?? name, rest: titled?.[2] ?? '' },
    { part: name.replace(/\s*[-–—_]+\s*$/u, ''), rest: '' },
    { part: name.replace(/\s+(?:and|&)\s+(?:his|her|their)\s.*$/iu, ''), rest: '' },
  ]
  return parts.filter(({ part }) => part !== name && part.trim() !== '')
}

function alike(artists: readonly CatalogueArtist[], named: readonly Named[]): readonly Candidate[] {
  const byGap = new Map<string, number[]>()
  return named.flatMap((one, from): readonly Candidate[] => {
    if (one.squashed.length < alikeLetters - 1) return []
    const gaps = [...gapsOf(one.squashed)]
    const near = new Set(gaps.flatMap((gap) => byGap.get(gap) ?? []))
    const found = [...near].filter((to) => areAlike(one, named[to]!) && muchMore(artists, from, to))
    for (const gap of gaps) enter(byGap, gap, from)
    return found.map((to) => ({ from, to, rule: 'alike', score: scores.alike }))
  })
}

function enter(blocks: Map<string, number[]>, key: string, at: number): void {
  const block = blocks.get(key)
  if (!block) blocks.set(key, [at])
  else if (block.length < blockLimit) block.push(at)
}

/** The text itself and what is left when one letter is taken out: texts one edit apart share at least one of these. */
function gapsOf(text: string): ReadonlySet<string> {
  const gaps = new Set([text])
  for (let at = 0; at < text.length; at++) gaps.add(text.slice(0, at) + text.slice(at + 1))
  return gaps
}

function areAlike(a: Named, b: Named): boolean {
  if (Math.max(a.squashed.length, b.squashed.length) < alikeLetters) return false
  if (a.squashed.replace(/\D/g, '') !== b.squashed.replace(/\D/g, '')) return false
  return oneEditApart(a.squashed, b.squashed)
}

/**
 * Whether one letter missing, surplus or changed, neither the first nor the last, or two neighbours swapped make one text of the other.
 * Equal texts are not: singular and plural, or a numeral at the end, are two names.
 */
export function oneEditApart(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const within = start > 0 && end > 0
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  if (left.length <= 1 && right.length <= 1) return within
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0]
}
