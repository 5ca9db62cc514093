// Artist identity: precision and recall on the aliases that Audioscrobbler's editors listed, and on variants planted among MusicBrainz names.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueArtist } from '../src/data/artist-identity.ts'
import { normalizeName } from '../src/data/artist-name.ts'
import { type IdentityOptions, resolveIdentities } from '../src/features/identity.ts'
import { createRandom } from '../src/statistics/random.ts'
import type { BenchResult } from './bench.ts'
import { readAliasData } from './data/audioscrobbler.ts'

export const describe =
  'artist identity: precision and recall on editors’ aliases and planted variants, beside equal normalized names'

type Pairs = readonly (readonly [string, string])[]
type Rows = readonly { readonly artistId: string; readonly canonicalId: string; readonly rule?: string }[]

const shared = process.env.TASTEMAKER_SHARED ?? join(import.meta.dirname, '../../shared')

/** Resolves both catalogues with the default rules and with all; recall must beat the baseline at a precision of planted variants over 99%. */
export async function run(): Promise<BenchResult> {
  const aliased = await readAliasData(shared)
  const planted = plantVariants(await musicBrainzNames())
  const figures: Record<string, number> = {}
  for (const [name, minScore] of [
    ['default', 0.85],
    ['bold', 0],
  ] as const) {
    const options: IdentityOptions = { merge: 'all', minScore, decisions: [], earlier: [], now: 0 }
    const began = performance.now()
    const rows = resolveIdentities(aliased.catalogue, options)
    figures[`${name} seconds`] = (performance.now() - began) / 1000
    Object.assign(figures, measured(`${name} aliases`, rows, aliased.aliases))
    Object.assign(
      figures,
      measured(`${name} planted`, resolveIdentities(planted.catalogue, options), planted.pairs),
    )
  }
  const equal = equalNames(aliased.catalogue)
  Object.assign(figures, measured('equal names aliases', equal, aliased.aliases))
  Object.assign(figures, measured('equal names planted', equalNames(planted.catalogue), planted.pairs))
  Object.assign(figures, namesPerSecond(aliased.catalogue))
  const goals = {
    'default aliases recall': 'more than equal normalized names find',
    'default planted precision': 'at least 0.99',
  }
  const pass =
    figures['default aliases recall']! > figures['equal names aliases recall']! &&
    figures['default planted precision']! >= 0.99
  return { figures, goals, pass }
}

/**
 * Recall: share of the pairs that have one canonical id. Precision: share of the rows whose id and canonical id the pairs connect;
 * the editors' list is known to be short, so its precision is a lower bound ("listed").
 */
function measured(name: string, rows: Rows, pairs: Pairs): Record<string, number> {
  const canonical = new Map(rows.map(({ artistId, canonicalId }) => [artistId, canonicalId]))
  const idOf = (id: string) => canonical.get(id) ?? id
  const rootOf = connected(pairs)
  const found = pairs.filter(([a, b]) => idOf(a) === idOf(b)).length
  const right = rows.filter(({ artistId, canonicalId }) => rootOf(artistId) === rootOf(canonicalId)).length
  return {
    [`${name} recall`]: found / pairs.length,
    [`${name} ${name.endsWith('planted') ? 'precision' : 'listed precision'}`]: right / rows.length,
    [`${name} merged`]: rows.length,
  }
}

/** Which pairs hang together: a function from an id to one id of its group. */
function connected(pairs: Pairs): (id: string) => string {
  const parents = new Map<string, string>()
  const rootOf = (id: string): string => {
    const parent = parents.get(id)
    return parent === undefined ? id : rootOf(parent)
  }
  for (const [a, b] of pairs) if (rootOf(a) !== rootOf(b)) parents.set(rootOf(a), rootOf(b))
  return rootOf
}

/** The baseline: ids whose normalized names are equal are the one heard most. */
function equalNames(catalogue: readonly CatalogueArtist[]): Rows {
  const first = new Map<string, string>()
  return [...catalogue]
    .sort((a, b) => b.plays - a.plays)
    .flatMap(({ artistId, name }) => {
      const canonicalId = first.get(normalizeName(name))
      if (canonicalId !== undefined) return [{ artistId, canonicalId }]
      first.set(normalizeName(name), artistId)
      return []
    })
}

/** Distinct artist names of MusicBrainz, with their ids: homonyms stay in. */
async function musicBrainzNames(): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const text = await readFile(join(shared, 'data/musicbrainz-artists/mb.csv'), 'utf8')
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, id, quotedName, name] = /^([0-9a-f-]{36}),(?:"((?:[^"]|"")*)"|([^,]*)),/.exec(line) ?? []
      const found = (quotedName ?? name ?? '').replaceAll('""', '"')
      return id && found ? [{ id, name: found }] : []
    })
}

/** Ways in which players and people misspell, each of which leaves a name another reader would still know. */
const variants: readonly ((name: string) => string)[] = [
  (name) => name.toUpperCase(),
  (name) => name.normalize('NFD').replace(/\p{M}/gu, ''),
  (name) => (/^the /i.test(name) ? `${name.slice(4)}, The` : `The ${name}`),
  (name) => name.replaceAll(' & ', ' and ').replaceAll(' and ', ' & '),
  (name) => `${name} feat. Somebody Else`,
  (name) => encodeURIComponent(name),
  (name) => name.replaceAll(' ', ''),
  (name) => name.replace(/^(\S+) (\S+)$/, '$2, $1'),
  (name) => `${name} (Live)`,
  (name) => `01 - ${name}`,
  (name) => name.replace(/^(.{4})(.)(.)/u, '$1$3$2'),
]

/** Every artist with 1,000 plays; for every third a variant known by its name alone, with 10. */
function plantVariants(names: readonly { readonly id: string; readonly name: string }[]) {
  const random = createRandom(7)
  const pairs: [string, string][] = []
  const catalogue: CatalogueArtist[] = names.map(({ id, name }) => ({ artistId: id, name, plays: 1000 }))
  for (const [at, { id, name }] of names.entries()) {
    const spelled = variants[random.below(variants.length)]!(name)
    if (at % 3 !== 0 || spelled === name) continue
    catalogue.push({ artistId: `name:${at}`, name: spelled, plays: 10 })
    pairs.push([`name:${at}`, id])
  }
  return { catalogue, pairs }
}

/** Distinct names normalized in a second, median of five rounds. */
function namesPerSecond(catalogue: readonly CatalogueArtist[]): Record<string, number> {
  const names = [...new Set(catalogue.map(({ name }) => name))]
  const rates = Array.from({ length: 5 }, () => {
    const began = performance.now()
    for (const name of names) normalizeName(name)
    return names.length / ((performance.now() - began) / 1000)
  })
  return { 'names normalized a second': rates.sort((a, b) => a - b)[2]! }
}
