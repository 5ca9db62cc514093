// A credit line ("A & B feat. C") taken apart into the artists it names, each with its share.
import { normalizeName } from '../data/artist-name.ts'

/** How an artist stands in a credit line: alone or first, beside others as an equal, or as a guest. */
export type CreditRole = 'main' | 'joint' | 'featured'

/** One artist of a credit line. */
export type Credit = {
  readonly name: string
  readonly role: CreditRole
  /** What a play of the line counts for this artist: main 1, joint 1 / (number of them), featured 0.25. */
  readonly weight: number
}

/**
 * What the catalogue knows of a name: its plays and whether an id vouches for it being one artist
 * (a MusicBrainz id, say); undefined where nobody goes by it. Asked by normalized name (data/artist-name.ts).
 */
export type KnownName = (key: string) => { readonly plays: number; readonly vouched?: boolean } | undefined

/** Weight of a guest beside 1 for the main artist, as ListenBrainz counts them in its artist similarity. */
export const featuredWeight = 0.25

const featured = /\s*[([]?\s*(?<![\p{L}\p{N}])(?:feat|ft|featuring)(?![\p{L}\p{N}])\.?\s+(.+?)[)\]]?\s*$/iu
/** What stands between joint artists. `x` needs spaces, and so does a slash with one (AC/DC). */
const joints = /\s*,\s*(?:and\s+|&\s*)?|\s*&\s*|\s+(?:and|und|y|et|vs\.?|versus|x|×|with|\+|\/)\s+/giu

/**
 * Takes a credit line apart. Guests behind "feat." always part from the rest. A line of joint artists is taken apart only when the
 * catalogue makes it certain: every part is an artist of the catalogue, each with more plays than the line as a whole, and no
 * id vouches for the whole. So "Earth, Wind & Fire", "Simon & Garfunkel" and "Tyler, The Creator" stay one artist.
 * Shares of joint artists sum to 1. An artist named twice counts once, in the better role. A blank line gives no credits.
 */
export function creditsOf(line: string, known: KnownName): readonly Credit[] {
  const whole = line.trim()
  if (whole === '') return []
  if (known(normalizedWhole(whole))?.vouched) return [{ name: whole, role: 'main', weight: 1 }]
  const guestPart = featured.exec(whole)
  const before = guestPart ? whole.slice(0, guestPart.index).trim() : whole
  if (!guestPart || before === '') return hosts(whole, known)
  return distinct([...hosts(before, known), ...guests(guestPart[1]!, known)], ({ name }) => name)
}

/** The key of the whole line: `normalizeName` would take its guests off. */
const normalizedWhole = (line: string): string =>
  normalizeName(line.replace(/\b(feat|ft|featuring)\b\.?/giu, ' '))

function hosts(line: string, known: KnownName): readonly Credit[] {
  const parts = distinct(jointParts(line, known), (name) => name)
  if (parts.length < 2) return [{ name: parts[0]!, role: 'main', weight: 1 }]
  return parts.map((name) => ({ name, role: 'joint', weight: 1 / parts.length }))
}

function guests(line: string, known: KnownName): readonly Credit[] {
  return jointParts(line, known).map((name) => ({ name, role: 'featured', weight: featuredWeight }))
}

/** The parts of a line that are certain; else the line itself. "Tyler, The Creator & Kali Uchis" tries the widest pieces first. */
function jointParts(line: string, known: KnownName): readonly string[] {
  const cuts = [...line.matchAll(joints)].map(({ index, 0: text }) => ({
    from: index,
    to: index + text.length,
  }))
  if (cuts.length === 0 || cuts.length > 12) return [line]
  const limit = known(normalizeName(line))
  if (limit?.vouched) return [line]
  return coverFrom(line, { start: 0, cuts, known, atLeast: limit?.plays ?? 0 }) ?? [line]
}

type Search = {
  readonly start: number
  readonly cuts: readonly { readonly from: number; readonly to: number }[]
  readonly known: KnownName
  readonly atLeast: number
}

/** Known pieces that cover the line from `start`, the fewest first; the line as a whole is not among them. */
function coverFrom(line: string, search: Search): readonly string[] | undefined {
  const { start, cuts, known, atLeast } = search
  const rest = cuts.filter(({ from }) => from > start)
  const isArtist = (name: string) => (known(normalizeName(name))?.plays ?? -1) > atLeast
  const last = line.slice(start).trim()
  if (start > 0 && last !== '' && isArtist(last)) return [last]
  for (const { from, to } of rest.toReversed()) {
    const piece = line.slice(start, from).trim()
    if (piece === '' || !isArtist(piece)) continue
    const others = coverFrom(line, { ...search, start: to })
    if (others) return [piece, ...others]
  }
  return undefined
}

/** The first of all that share a normalized name. */
function distinct<T>(items: readonly T[], nameOf: (item: T) => string): readonly T[] {
  const seen = new Set<string>()
  return items.filter((item) => {
    const key = normalizeName(nameOf(item))
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
