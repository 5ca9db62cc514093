// Artist identity, carried: the catalogue out of the events, a person's decisions, and the tables of identities and credits.

import type { CatalogueArtist, Identity, IdentityDecision } from '../data/artist-identity.ts'
import { normalizeName } from '../data/artist-name.ts'
import { type Engine, quoted } from '../engine/engine.ts'
import { createLineWriter, readChunks } from '../engine/files.ts'
import { resolveIdentities } from '../features/identity.ts'
import { creditsOf, type KnownName } from '../ingest/credits.ts'
import type { JobContext } from './context.ts'
import { readDocument, versionOf, writeDocument } from './documents.ts'

/** One version of the tables; the keys are absent where a table would be empty. */
export type IdentityVersion = {
  readonly version: string
  readonly identitiesKey?: string
  readonly creditsKey?: string
  readonly counts: { readonly merged: number; readonly credited: number }
}

/** What a credit line under an id stands for: one row an artist. */
type CreditRow = {
  readonly artistId: string
  readonly artistName: string
  readonly creditedId: string
  readonly weight: number
}
type SpelledArtist = CatalogueArtist & { readonly spellings: readonly string[] }

const decisionsKey = 'clean/identities/decisions.json'
const latestKey = 'clean/identities/latest.json'
const mayCredit = /\b(?:feat|ft|featuring|and|und|y|et|vs|versus|x|with)\b|[,&+/×]/i

/** A person's merges and splits, oldest first. */
export async function readDecisions(objects: JobContext['objects']): Promise<readonly IdentityDecision[]> {
  return (await readDocument<readonly IdentityDecision[]>(objects, decisionsKey)) ?? []
}

/** Adds a decision; it takes effect with the next run. */
export async function addDecision(context: JobContext, decision: IdentityDecision): Promise<void> {
  await writeDocument(context.objects, decisionsKey, [...(await readDecisions(context.objects)), decision])
}

/** The newest identities, in ascending order of artist id; none before the first run. */
export async function readIdentities(context: JobContext): Promise<readonly Identity[]> {
  const latest = await readDocument<IdentityVersion>(context.objects, latestKey)
  if (latest?.identitiesKey === undefined) return []
  const engine = await context.engine()
  const file = quoted(await context.objects.localFile(latest.identitiesKey))
  const rows =
    await engine.rows(`select artist_id as "artistId", canonical_id as "canonicalId", rule, score, decided_at as "decidedAt"
    from read_parquet(${file}) order by artist_id`)
  return rows as unknown as readonly Identity[]
}

/**
 * Resolves the artists of `events` (a view of clean events) and keeps both tables, named by what is in them.
 * A catalogue in which every artist has an id of the service's, and no decision, has none.
 */
export async function resolveArtists(
  context: JobContext,
  engine: Engine,
  events: string,
): Promise<IdentityVersion> {
  const settings = context.settings.features.identity
  const decisions = await readDecisions(context.objects)
  if (decisions.length === 0 && !(await hasWork(engine, events, settings.merge)))
    return keep(context, { identities: [], credits: [] })
  const catalogue = await readCatalogue(engine, events)
  const identities = resolveIdentities(catalogue, {
    merge: settings.merge,
    minScore: settings.minScore,
    decisions,
    earlier: await readIdentities(context),
    now: context.now(),
  })
  const credits = settings.credits ? creditRows(catalogue, identities) : []
  return keep(context, { identities, credits })
}

async function hasWork(engine: Engine, events: string, merge: 'names' | 'all' | 'off'): Promise<boolean> {
  if (merge !== 'names') return merge === 'all'
  return (await engine.rows(`select 1 from ${events} where artist_id like 'name:%' limit 1`)).length > 0
}

/** Each artist id with the spelling of most of its plays, and all spellings. */
async function readCatalogue(engine: Engine, events: string): Promise<readonly SpelledArtist[]> {
  const found =
    await engine.columns(`select artist_id, artist_name, sum(case kind when 'play_count' then value else 1 end) as plays
    from ${events} group by artist_id, artist_name order by artist_id, plays desc, artist_name`)
  const ids = found.artist_id as readonly string[]
  const names = found.artist_name as readonly string[]
  const plays = found.plays as Float64Array
  const artists: { artistId: string; name: string; plays: number; spellings: string[] }[] = []
  for (let at = 0; at < plays.length; at++) {
    const last = artists.at(-1)
    if (last && last.artistId === ids[at]) {
      last.spellings.push(names[at]!)
      last.plays += plays[at]!
    } else artists.push({ artistId: ids[at]!, name: names[at]!, plays: plays[at]!, spellings: [names[at]!] })
  }
  return artists
}

/** Credits of artists known by name alone: an id of the service's already names the one artist it means. */
function creditRows(
  catalogue: readonly SpelledArtist[],
  identities: readonly Identity[],
): readonly CreditRow[] {
  const canonical = new Map(identities.map(({ artistId, canonicalId }) => [artistId, canonicalId]))
  const byKey = new Map<string, { artistId: string; plays: number; vouched: boolean }>()
  for (const { artistId, name, plays } of catalogue) {
    const key = normalizeName(name)
    if ((byKey.get(key)?.plays ?? -1) >= plays) continue
    byKey.set(key, {
      artistId: canonical.get(artistId) ?? artistId,
      plays,
      vouched: !artistId.startsWith('name:'),
    })
  }
  const known: KnownName = (key) => byKey.get(key)
  return catalogue
    .filter(({ artistId }) => artistId.startsWith('name:'))
    .flatMap(({ artistId, spellings }) =>
      spellings
        .filter((line) => mayCredit.test(line))
        .flatMap((artistName) => {
          const id = canonical.get(artistId) ?? artistId
          const credits = creditsOf(artistName, known).map(({ name, role, weight }) => ({
            artistId: id,
            artistName,
            creditedId: role === 'main' ? id : byKey.get(normalizeName(name))?.artistId,
            weight,
          }))
          const found = credits.filter((credit): credit is CreditRow => credit.creditedId !== undefined)
          return found.some(({ creditedId }) => creditedId !== id) ? found : []
        }),
    )
}

async function keep(
  context: JobContext,
  {
    identities,
    credits,
  }: { readonly identities: readonly Identity[]; readonly credits: readonly CreditRow[] },
): Promise<IdentityVersion> {
  const version = versionOf([identities, credits])
  const current = await readDocument<IdentityVersion>(context.objects, latestKey)
  if (current?.version === version) return current
  const identitiesKey = `clean/identities/${version}.parquet`
  const creditsKey = `clean/identities/${version}-credits.parquet`
  if (identities.length > 0)
    await keepRows(context, identities, { key: identitiesKey, columns: identityColumns })
  if (credits.length > 0) await keepRows(context, credits, { key: creditsKey, columns: creditColumns })
  const kept: IdentityVersion = {
    version,
    ...(identities.length > 0 && { identitiesKey }),
    ...(credits.length > 0 && { creditsKey }),
    counts: {
      merged: identities.length,
      credited: new Set(credits.map(({ artistName }) => artistName)).size,
    },
  }
  await writeDocument(context.objects, latestKey, kept)
  return kept
}

/** Columns of the tables: field, name in SQL, type. */
const identityColumns = [
  ['artistId', 'artist_id', 'VARCHAR'],
  ['canonicalId', 'canonical_id', 'VARCHAR'],
  ['rule', 'rule', 'VARCHAR'],
  ['score', 'score', 'DOUBLE'],
  ['decidedAt', 'decided_at', 'BIGINT'],
] as const
const creditColumns = [
  ['artistId', 'artist_id', 'VARCHAR'],
  ['artistName', 'artist_name', 'VARCHAR'],
  ['creditedId', 'credited_id', 'VARCHAR'],
  ['weight', 'weight', 'DOUBLE'],
] as const

async function keepRows(
  context: JobContext,
  rows: readonly object[],
  {
    key,
    columns,
  }: { readonly key: string; readonly columns: readonly (readonly [string, string, string])[] },
): Promise<void> {
  const name = key.replaceAll('/', '-')
  const [lines, parquet] = [context.scratch.file(`${name}.ndjson`), context.scratch.file(name)]
  const writer = await createLineWriter(lines)
  for (const row of rows) await writer.write(JSON.stringify(row))
  await writer.close()
  const engine = await context.engine()
  await engine.run(`copy (select ${columns.map(([field, column]) => `"${field}" as ${column}`).join(', ')}
    from read_json(${quoted(lines)}, format = 'newline_delimited', columns = {${columns.map(([field, , type]) => `"${field}": '${type}'`).join(', ')}})
    ) to ${quoted(parquet)} (format parquet, compression zstd)`)
  await context.objects.put(key, readChunks(parquet))
}
