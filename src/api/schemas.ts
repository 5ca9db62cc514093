// The shapes of the answers: what OpenAPI publishes and the contract tests check.
import Type from 'typebox'
import { errorSchema } from './error-answer.ts'

const count = (description: string) => Type.Integer({ minimum: 0, description })
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const nullableText = orNull(Type.String())
const nullableCount = orNull(Type.Integer())
const time = (description: string) => Type.Number({ description: `${description}, ms since the epoch, UTC.` })

const headFields = {
  userId: Type.String({ description: 'Pseudonym.' }),
  ageGroup: Type.String(),
  city: Type.String(),
  state: Type.String(),
  country: Type.String(),
  plays: count('Plays of the favourite artists, all together.'),
}

/** A page of listeners. */
export const listenersSchema = Type.Object(
  {
    listeners: Type.Array(Type.Object(headFields)),
    next: orNull(Type.String({ description: 'Send as `after` for the next page; null on the last.' })),
  },
  { title: 'Listeners' },
)

const favouriteArtist = Type.Object({
  artistId: Type.String(),
  name: Type.String(),
  activeDays: count('Distinct UTC days with a play.'),
  trendingRank: nullableCount,
  genre: nullableText,
  followers: nullableCount,
  plays: count('Plays by this listener.'),
  lastAt: time('Last play or like'),
})

const lastSong = Type.Object({
  trackId: Type.String(),
  title: Type.String(),
  artistId: Type.String(),
  artistName: Type.String(),
  activeDays: count('Distinct UTC days with a play.'),
  trendingRank: nullableCount,
  genre: nullableText,
  followers: nullableCount,
  likes: nullableCount,
  meanPlayedMs: Type.Number(),
  sdPlayedMs: Type.Number(),
  fullPlays: count('Plays to the end, or nearly.'),
  partialPlays: count('Plays in between.'),
  skippedPlays: count('Plays cut short.'),
  lastAt: time('Last play'),
})

/** A listener's profile. */
export const listenerSchema = Type.Object(
  { ...headFields, favouriteArtists: Type.Array(favouriteArtist), lastSongs: Type.Array(lastSong) },
  { title: 'Listener' },
)

/** A list of recommendations. */
export const recommendationsSchema = Type.Object(
  {
    userId: Type.String({ description: 'Pseudonym of the listener.' }),
    recommendationId: Type.String({
      description: 'Id of this answer; send it back with impressions and clicks.',
    }),
    source: Type.Union([Type.Literal('personal'), Type.Literal('segment'), Type.Literal('popular')]),
    model: Type.String(),
    modelVersion: Type.String(),
    generatedAt: time('When the list was made'),
    items: Type.Array(
      Type.Object({
        artistId: Type.String(),
        name: Type.String(),
        genre: nullableText,
        score: Type.Number({ minimum: -1, maximum: 1, description: '2 x probability - 1.' }),
        probability: Type.Number({ minimum: 0, maximum: 1 }),
        position: Type.Integer({ minimum: 1, description: 'Slot in this answer, from 1.' }),
        why: Type.String(),
      }),
    ),
  },
  { title: 'Recommendations' },
)

/** An artist as of the last refresh. */
export const artistSchema = Type.Object(
  {
    artistId: Type.String(),
    name: Type.String(),
    genre: nullableText,
    followers: nullableCount,
    plays: count('Plays by all listeners.'),
    listeners: count('Listeners with at least one play.'),
    activeDays: count('Distinct UTC days with a play.'),
    trendingRank: nullableCount,
  },
  { title: 'Artist' },
)

/** The artists nearest to one. */
export const similarSchema = Type.Object(
  {
    artistId: Type.String(),
    items: Type.Array(
      Type.Object({
        artistId: Type.String(),
        name: Type.String(),
        genre: nullableText,
        score: Type.Number({ description: 'Nearness in the model’s own unit; higher is nearer.' }),
      }),
    ),
  },
  { title: 'SimilarArtists' },
)

const intakeFields = {
  accepted: count('Events now on disk.'),
  rejected: Type.Array(
    Type.Object({
      index: count('Place in the request, from 0; blank lines do not count.'),
      reason: Type.String(),
    }),
  ),
}

/** The outcome of an intake that kept something. */
export const intakeSchema = Type.Object(intakeFields, { title: 'Intake' })

/** The outcome of an intake that kept nothing. */
export const refusalSchema = Type.Object(
  { ...errorSchema.properties, ...Type.Partial(Type.Object(intakeFields)).properties },
  { title: 'RefusedIntake' },
)

/** A report. */
export const reportSchema = Type.Object(
  {
    name: Type.String(),
    createdAt: time('When it was measured'),
    summary: Type.String(),
    figures: Type.Array(
      Type.Object({
        metric: Type.String(),
        of: Type.String(),
        value: Type.Number(),
        low: Type.Optional(Type.Number()),
        high: Type.Optional(Type.Number()),
        unit: Type.String(),
      }),
    ),
    notes: Type.Array(Type.String()),
  },
  { title: 'Report' },
)

/** How the service is. */
export const healthSchema = Type.Object(
  {
    live: Type.Literal(true),
    ready: Type.Boolean({ description: 'Whether lists are published.' }),
    intake: Type.Boolean({ description: 'Whether this process takes events.' }),
    version: nullableText,
    model: nullableText,
    modelVersion: nullableText,
    listeners: count('Listeners with a profile.'),
    artists: count('Artists with features.'),
    publishedAt: orNull(time('When the lists were published')),
    listsAgeSeconds: orNull(Type.Number()),
  },
  { title: 'Health' },
)
