// Every setting: its default, range and unit; read from a file, the environment and flags, in that order.
import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { TastemakerError } from './errors.ts'

const text = (fallback: string, description: string) => Type.String({ default: fallback, description })
const whole = (fallback: number, minimum: number, maximum: number, description: string) =>
  Type.Integer({ default: fallback, minimum, maximum, description })
const real = (fallback: number, minimum: number, maximum: number, description: string) =>
  Type.Number({ default: fallback, minimum, maximum, description })

const choice = <const name extends string>(fallback: name, others: readonly name[], description: string) =>
  Type.Unsafe<name>(Type.Enum([fallback, ...others], { default: fallback, description }))

/** The one schema of all settings. A URL left empty means the embedded default below the data folder. */
export const settingsSchema = Type.Object({
  data: text('data', 'Folder of everything that the embedded defaults keep.'),
  host: text('127.0.0.1', 'Address to listen on. Anything but loopback needs an API key.'),
  port: whole(7700, 0, 65_535, 'Port to listen on; 0 takes a free one.'),
  apiKey: text(
    '',
    'Key that callers send as `Authorization: Bearer KEY`. Empty: loopback only, no key asked.',
  ),
  pseudonymKey: text(
    '',
    'Secret behind the pseudonyms, at least 32 characters. Empty: made once and kept in the data folder.',
  ),
  eventsUrl: text(
    '',
    'Object store of raw events: file:DIR, s3://BUCKET/PREFIX, memory:. Default file:<data>/service/events.',
  ),
  accountsUrl: text(
    '',
    'SQL store with the `account` table: postgres://..., pglite:DIR. Default pglite:<data>/service/accounts.',
  ),
  objectsUrl: text(
    '',
    'Object store of everything made, clean events, features, models, reports: file:DIR, s3://BUCKET/PREFIX, memory:. Default file:<data>/objects.',
  ),
  sqlUrl: text('', 'SQL store the clean events land in. Default pglite:<data>/warehouse.'),
  listsUrl: text('', 'Cache of ranked lists: lmdb:DIR, memory:. Default lmdb:<data>/lists.'),
  seed: whole(20_260_101, 0, 2 ** 31 - 1, 'Seed of all chance: same inputs and seed, same bytes.'),
  threads: whole(0, 0, 64, 'Worker threads; 0 takes one per processor, at most 8.'),
  kernels: choice(
    'auto',
    ['revectorized', 'plain'],
    'Numeric kernels. auto: WebAssembly SIMD where the machine has it. revectorized: the same on 256-bit registers, an experimental flag of V8. plain: TypeScript.',
  ),
  refreshHours: real(4, 0.01, 168, 'Hours between two runs of the pipeline while serving.'),
  sql: Type.Object({
    retentionMonths: whole(
      0,
      0,
      1200,
      'Whole months of events that Postgres keeps besides this one; 0: all. The Parquet files keep every event.',
    ),
  }),
  intake: Type.Object({
    waitingMiB: whole(64, 1, 4096, 'Events that may wait for the disk, in MiB; beyond that senders get 429.'),
    journalMiB: whole(
      4096,
      1,
      16_777_216,
      'Size of the journal in MiB, where events lie until they are in the raw event store; beyond that senders get 429.',
    ),
    segmentMiB: whole(64, 1, 1024, 'Size in MiB after which a segment of the journal is closed.'),
    drainSeconds: real(
      60,
      0.1,
      86_400,
      'How long accepted events wait in the journal before they become an object that ingest can see.',
    ),
  }),
  ingest: Type.Object({
    maxLineBytes: whole(
      1_048_576,
      1024,
      67_108_864,
      'Longest line read, in bytes; a longer one is a reject.',
    ),
    futureToleranceMinutes: whole(60, 0, 10_080, 'How far ahead of the clock an event may lie, in minutes.'),
    earliest: text('2002-10-01T00:00:00Z', 'Events before this time are rejects.'),
    memoryMiB: whole(
      2048,
      512,
      1_048_576,
      'Memory that ingest and the features may take, in MiB; batches and the SQL engine follow it, the rest goes to the disk.',
    ),
    land: Type.Boolean({
      default: true,
      description: 'Land clean events in Postgres as well; what was ingested without it is not landed later.',
    }),
  }),
  privacy: Type.Object({
    minGroupPeople: whole(
      20,
      1,
      1_000_000,
      'People below which an age group, city, state or country is merged upward before it becomes a feature; 1: never.',
    ),
  }),
  features: Type.Object({
    halfLifeDays: real(180, 1, 100_000, 'Days after which an interaction counts half.'),
    favouriteArtists: whole(100, 1, 1000, 'Favourite artists kept per listener.'),
    lastSongs: whole(100, 1, 1000, 'Last songs kept per listener.'),
    minSegmentListeners: whole(20, 1, 100_000, 'Listeners below which a segment is merged into its parent.'),
    sessionGapMinutes: real(30, 0.1, 10_080, 'Silence after which a new session begins, in minutes.'),
    inferSkips: Type.Boolean({
      default: true,
      description: 'Infer skips of listens without listening time from when the next one began.',
    }),
    skipLeadSeconds: real(30, 0, 3600, 'A song is a skip when the next one begins this long before its end.'),
    identity: Type.Object({
      merge: choice(
        'names',
        ['all', 'off'],
        'Which artist ids may be merged: names, those known by name alone; all, the service’s own too (never two MusicBrainz ids); off.',
      ),
      minScore: real(
        0.9,
        0,
        1,
        'How sure a rule must be to merge two artists: 0.9 equal names, 0.8 alike ones too.',
      ),
      credits: Type.Boolean({
        default: true,
        description: 'Share plays of a line that credits several known artists among them.',
      }),
    }),
    plausibility: Type.Object({
      enabled: Type.Boolean({
        default: true,
        description: 'Flag and weigh down plays that nobody can have made.',
      }),
      dayHours: real(24, 1, 1000, 'Hours of listening that a day can hold.'),
      dayPlays: whole(1000, 10, 1_000_000, 'Plays that a day can hold: one every 86 seconds, day and night.'),
      busyPlays: whole(100, 10, 1_000_000, 'Plays in a day from which on their times are looked at.'),
      repeatPlays: whole(40, 1, 1_000_000, 'Plays of one artist in a day that may be a machine’s.'),
      repeatShare: real(0.95, 0.5, 1, 'Share of the day’s plays that they must be.'),
      repeatDays: whole(3, 1, 365, 'Such days in a row from which on they are doubted.'),
    }),
  }),
  featureStore: Type.Object({
    lateDays: whole(28, 0, 3650, 'How far back snapshots are corrected when events come late, in days.'),
    maxCorrelation: real(0.9, 0.1, 1, 'Correlation of two features, in size, from which hygiene names them.'),
    maxSharedInformation: real(
      0.5,
      0.01,
      1,
      'Share of a feature’s entropy that another one tells, from which hygiene names them.',
    ),
    maxVarianceInflation: real(10, 1, 1e9, 'Variance inflation factor from which hygiene names a feature.'),
  }),
  models: Type.Object({
    names: text(
      'auto',
      'Models to train and measure, by name with commas between; auto: all that suit the size of the catalogue.',
    ),
    als: Type.Object({
      factors: whole(64, 1, 2048, 'Length of the ALS vectors.'),
      iterations: whole(16, 1, 1000, 'ALS iterations, one user and one artist half-step each.'),
      regularization: real(0.01, 0, 1000, 'ALS regularization before scaling by frequency.'),
      frequencyScaling: real(1, 0, 1, 'Exponent of the frequency that scales ALS regularization; 0: none.'),
      unobservedWeight: real(0.1, 0, 1000, 'ALS weight of the artists not listened to.'),
      confidence: choice('binary', ['log', 'linear'], 'What ALS makes of confidence values.'),
      solver: choice('cg', ['exact'], 'How ALS solves a row: conjugate gradient steps, or exactly.'),
      cgSteps: whole(3, 1, 100, 'Conjugate gradient steps of a row in each half-step.'),
      listenerPrior: real(
        0.3,
        0,
        1,
        'Share of the ridge of ALS that pulls listeners to what their attributes say; 0: none.',
      ),
      artistPrior: real(
        1,
        0,
        1,
        'Share of the ridge of ALS that pulls artists to what their attributes say; 0: none.',
      ),
      priorRegularization: real(3, 0.001, 1e6, 'Ridge of what ALS attributes say, in rows of average ridge.'),
    }),
    cosine: Type.Object({
      neighbours: whole(200, 0, 100_000, 'Neighbours kept per artist; 0: all.'),
      shrink: real(3, 0, 100_000, 'Added to the denominator of the cosine.'),
    }),
    p3alpha: Type.Object({
      neighbours: whole(300, 0, 100_000, 'Neighbours kept per artist; 0: all.'),
      alpha: real(0.4, 0, 3, 'Exponent of the transition probabilities of the three-step walk.'),
      normalize: Type.Boolean({
        default: true,
        description: 'Scale all weights of each artist heard to sum to 1.',
      }),
    }),
    rp3beta: Type.Object({
      neighbours: whole(300, 0, 100_000, 'Neighbours kept per artist; 0: all.'),
      alpha: real(0.4, 0, 3, 'Exponent of the transition probabilities of the three-step walk.'),
      beta: real(0.2, 0, 3, 'Exponent of the popularity that divides an artist’s score.'),
      normalize: Type.Boolean({
        default: true,
        description: 'Scale all weights of each artist heard to sum to 1.',
      }),
    }),
    turboCf: Type.Object({
      neighbours: whole(0, 0, 100_000, 'Neighbours kept per artist; 0: all.'),
      alpha: real(0.5, 0, 1, 'How the adjacency is normalized: 0 by artists alone, 1 by listeners alone.'),
      power: real(1, 0.1, 3, 'Exponent of each entry of the item-item filter.'),
    }),
    graphFilter: Type.Object({
      factors: whole(512, 8, 2048, 'Leading eigenvectors of the graph of artists in the low-pass part.'),
      lowPass: real(0.3, 0, 100, 'Weight of the low-pass part beside the linear one.'),
      degreeExponent: real(
        0.4,
        0,
        1,
        'How much of an artist’s popularity goes out of a history and into the scores.',
      ),
      neighbours: whole(500, 0, 100_000, 'Neighbours kept per artist heard in the linear part; 0: all.'),
    }),
    ease: Type.Object({
      regularization: real(100, 1e-3, 1e6, 'Ridge of EASE.'),
      neighbours: whole(
        500,
        1,
        100_000,
        'Weights kept per artist on average, of largest magnitude, in catalogues of over 4,096 artists; below all.',
      ),
    }),
    edlae: Type.Object({
      regularization: real(50, 1e-3, 1e6, 'Ridge of EDLAE besides that of dropout.'),
      dropout: real(0.5, 0, 0.99, 'Share of a history that EDLAE learns to do without.'),
      neighbours: whole(
        500,
        1,
        100_000,
        'Weights kept per artist on average, of largest magnitude, in catalogues of over 4,096 artists; below all.',
      ),
    }),
    mrf: Type.Object({
      neighbours: whole(200, 1, 5000, 'Neighbourhood of each artist in the sparse Markov random field.'),
      regularization: real(4, 0, 1e6, 'Ridge of the standardized covariances.'),
      alpha: real(0.75, 0, 1, 'Exponent of the standardization: 0 covariances, 1 correlations.'),
    }),
    scoreModel: Type.Object({
      threshold: real(-0.2, -1, 1, 'User score x artist score must exceed it.'),
    }),
    segmentPopularity: Type.Object({
      shrinkage: real(200, 0, 1e9, 'Listens of the parent that a segment’s own popularity is mixed with.'),
    }),
    blend: Type.Object({
      components: text(
        'auto',
        'Models of the blend, by name with commas between, each with settings of its own where they differ: `als, als factors=32 seed=1, rp3beta`; auto: those that suit the size of the catalogue.',
      ),
      weights: text(
        'learned',
        'How much each model of the blend counts: learned on held-out parts of histories, equal, or numbers with commas between.',
      ),
      candidates: whole(200, 10, 10_000, 'Artists that each model puts up for the blend, per listener.'),
    }),
  }),
  evaluation: Type.Object({
    holdoutDays: real(
      14,
      0.1,
      3650,
      'Length of the last stretch of time held out by the temporal split, in days.',
    ),
    k: whole(10, 1, 1000, 'Length of the lists measured.'),
    bootstrapRounds: whole(400, 10, 100_000, 'Resamplings behind each interval.'),
  }),
  tuning: Type.Object({
    schedule: choice(
      'halving',
      ['hyperband'],
      'How candidates are measured: one bracket of successive halving, or several of Hyperband.',
    ),
    candidates: whole(27, 1, 10_000, 'Candidates per model at most, the present settings among them.'),
    reduction: whole(3, 2, 10, 'Of so many candidates one goes on, with so many times the resource.'),
    rungs: whole(3, 1, 10, 'Rungs of successive halving; the last measures with everything.'),
    listeners: whole(10_000, 2, 1_000_000, 'Validation listeners measured at most.'),
    checkShare: real(0.33, 0.05, 0.95, 'Share of them that the search never sees: they check its winners.'),
  }),
  serving: Type.Object({
    listLength: whole(100, 1, 1000, 'Artists per list.'),
    excludeKnown: Type.Boolean({
      default: true,
      description: 'Leave out artists the listener already plays.',
    }),
    rerank: Type.Object({
      method: choice(
        'none',
        ['mmr', 'dpp', 'calibrated-genres', 'calibrated-popularity', 'genre-caps'],
        'How lists are chosen from the candidates of the model; none: its own order.',
      ),
      strength: real(
        0.1,
        0,
        1,
        'How far a reranker goes: 0 the model’s order, 1 variety or calibration alone. Genre caps do not use it.',
      ),
      mostPerGenre: whole(20, 1, 10_000, 'Artists of one genre per list, with genre caps.'),
      candidates: whole(
        200,
        1,
        10_000,
        'Artists that the model puts up for a reranker, per listener; at least a list’s length.',
      ),
    }),
  }),
})

/** All settings, complete and within their ranges. */
export type Settings = Static<typeof settingsSchema>

/** Where settings come from, weakest first. */
export type SettingSources = {
  /** Parsed content of the settings file. */
  readonly file?: unknown
  /** Environment: `TASTEMAKER_PORT`, `TASTEMAKER_MODELS_FACTORS`, ... */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Flags by the setting's name: `{ port: '7701' }`. */
  readonly flags?: Readonly<Record<string, unknown>>
}

/**
 * Puts settings together: defaults, then file, environment and flags.
 * Throws `bad-argument` with the setting's name, the value seen (but never a secret's) and the range.
 */
export function readSettings(sources: SettingSources = {}): Settings {
  const merged: Record<string, unknown> = {}
  lay(merged, sources.file ?? {})
  lay(merged, fromEnvironment(sources.environment ?? {}))
  lay(merged, sources.flags ?? {})
  const settings = Value.Convert(settingsSchema, Value.Default(settingsSchema, withSections(merged)))
  const [first] = Value.Errors(settingsSchema, settings)
  if (first) throw new TastemakerError('bad-argument', complaint(first.instancePath, first.message, settings))
  refuseUnknown(settingsSchema, settings as Record<string, unknown>, '')
  return settings as Settings
}

/** The environment variable of a setting: `models.factors` -> `TASTEMAKER_MODELS_FACTORS`. */
export function environmentName(path: string): string {
  return `TASTEMAKER_${path
    .replaceAll('.', '_')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()}`
}

/** Every setting as a path with its schema, in order: for documentation and flags. */
export function settingPaths(schema: TSchema = settingsSchema, prefix = ''): readonly [string, TSchema][] {
  const properties = (schema as { properties?: Record<string, TSchema> }).properties
  if (!properties) return [[prefix, schema]]
  return Object.entries(properties).flatMap(([name, inner]) =>
    settingPaths(inner, prefix === '' ? name : `${prefix}.${name}`),
  )
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [path] of settingPaths()) {
    const value = environment[environmentName(path)]
    if (value !== undefined && value !== '') lay(found, nest(path, value))
  }
  return found
}

const nest = (path: string, value: unknown): unknown =>
  path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)

/** The settings given, with an empty object for every section that is missing: defaults fill only what is there. */
function withSections(
  given: Record<string, unknown>,
  schema: TSchema = settingsSchema,
): Record<string, unknown> {
  const { properties = {} } = schema as { properties?: Record<string, TSchema> }
  const out = { ...given }
  for (const [name, inner] of Object.entries(properties)) {
    const section = out[name] ?? {}
    if ('properties' in inner && isSection(section)) out[name] = withSections(section, inner)
  }
  return out
}

const isSection = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function lay(target: Record<string, unknown>, source: unknown): void {
  if (!isSection(source))
    throw new TastemakerError('bad-argument', 'Settings must be an object of names and values.')
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined) continue
    if (!isSection(value)) {
      target[name] = value
      continue
    }
    if (!isSection(target[name])) target[name] = {}
    lay(target[name] as Record<string, unknown>, value)
  }
}

function refuseUnknown(schema: TSchema, value: Record<string, unknown>, prefix: string): void {
  const properties = (schema as unknown as { properties: Record<string, TSchema> }).properties
  for (const [name, inner] of Object.entries(value)) {
    const known = properties[name]
    if (!known) throw new TastemakerError('bad-argument', `There is no setting ${prefix}${name}.`)
    if ('properties' in known) refuseUnknown(known, inner as Record<string, unknown>, `${prefix}${name}.`)
  }
}

function complaint(pointer: string, problem: string, settings: unknown): string {
  const path = pointer.split('/').filter(Boolean)
  const seen = path.reduce<unknown>(
    (at, name) => (at as Record<string, unknown> | undefined)?.[name],
    settings,
  )
  const secret = /key/i.test(path.at(-1) ?? '')
  return `Setting ${path.join('.')} ${problem}${secret ? '' : `; it is ${JSON.stringify(seen)}`}.`
}
