// The raw event: the JSON a music service sends, one object a line; its schema is the public contract (docs/events.md).
import Type, { type Static } from 'typebox'
import { type EventKind, eventKinds, retractRevision } from './event.ts'

const id = (description: string) => Type.String({ minLength: 1, maxLength: 256, description })

/** The artist as the card in the user interface showed it. `id` or `name` is required; without an id the normalized name is the key. */
export const rawArtistSchema = Type.Object(
  {
    id: Type.Optional(id('The service’s id of the artist; a MusicBrainz id is welcome.')),
    name: Type.Optional(Type.String({ maxLength: 1024, description: 'Name as the service spells it.' })),
    genre: Type.Optional(Type.String({ maxLength: 128 })),
    followers: Type.Optional(Type.Integer({ minimum: 0 })),
    rank: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Ranking shown on the card, 1 is the top.' }),
    ),
  },
  { additionalProperties: true },
)

/** The track as the card showed it. */
export const rawTrackSchema = Type.Object(
  {
    id: Type.Optional(id('The service’s id of the track.')),
    title: Type.Optional(Type.String({ maxLength: 1024 })),
    durationMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 86_400_000 * 24, description: 'Full length in milliseconds.' }),
    ),
    likes: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: true },
)

const eventTime = Type.Union([Type.String({ maxLength: 64 }), Type.Number()], {
  description: 'When it happened (a listen: when it began): ISO 8601, or milliseconds since the epoch, UTC.',
})

const receivedTime = Type.Union([Type.String({ maxLength: 64 }), Type.Number()], {
  description:
    'When the service’s own intake got the event, in the forms of `at`; one that is no time, or that lies ahead of the clock, counts as absent.',
})

/** One raw event. Unknown keys are allowed and ignored. */
export const rawEventSchema = Type.Object(
  {
    schema: Type.Optional(Type.Literal(1, { description: 'Version of this schema.' })),
    event: Type.Unsafe<EventKind>(Type.Enum([...eventKinds], { description: 'Kind of event.' })),
    id: Type.Optional(
      id('Unique id of the event: the same id twice counts once. Without it a hash of the content is used.'),
    ),
    user: id('The service’s id of the listener, or a pseudonym of ours (u_...).'),
    at: eventTime,
    artist: rawArtistSchema,
    track: Type.Optional(rawTrackSchema),
    playedMs: Type.Optional(
      Type.Integer({ minimum: 0, description: 'listen: how long it was heard, in milliseconds.' }),
    ),
    skipped: Type.Optional(Type.Boolean({ description: 'listen: the listener skipped it by hand.' })),
    volumes: Type.Optional(
      Type.Array(Type.Number({ minimum: 0, maximum: 1 }), {
        maxItems: 64,
        description: 'listen: volume levels through the song.',
      }),
    ),
    surface: Type.Optional(Type.String({ maxLength: 64 })),
    recommendationId: Type.Optional(id('impression, click: the answer that showed the artist.')),
    position: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'impression, click: slot, from 1.' }),
    ),
    propensity: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    modelVersion: Type.Optional(Type.String({ maxLength: 128 })),
    variant: Type.Optional(Type.String({ maxLength: 64 })),
    value: Type.Optional(
      Type.Number({
        description: 'play_count: number of plays (over 0); like, follow: 1, or -1 to take it back.',
      }),
    ),
    source: Type.Optional(
      Type.String({
        maxLength: 32,
        description: 'Format the event was imported from; the service leaves it out.',
      }),
    ),
    revision: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: retractRevision - 1,
        description:
          'Corrects an event sent before under the same id: the highest revision counts. Default 0; a higher one needs an id.',
      }),
    ),
    receivedAt: Type.Optional(receivedTime),
  },
  {
    additionalProperties: true,
    $id: 'https://tastemaker.dev/schemas/event-1.json',
    title: 'Tastemaker event',
  },
)

/** A raw event that satisfies the schema, before normalization. */
export type RawEvent = Static<typeof rawEventSchema>

/** One retraction: takes an event back for good, whether it was read before or comes later. Unknown keys are allowed and ignored. */
export const rawRetractionSchema = Type.Object(
  {
    schema: Type.Optional(Type.Literal(1, { description: 'Version of this schema.' })),
    event: Type.Literal('retract'),
    id: id('Id of the event to take back.'),
    user: id('The service’s id of the listener, or a pseudonym of ours (u_...).'),
    at: eventTime,
    receivedAt: Type.Optional(receivedTime),
  },
  {
    additionalProperties: true,
    $id: 'https://tastemaker.dev/schemas/retraction-1.json',
    title: 'Tastemaker retraction',
  },
)

/** A retraction that satisfies the schema. */
export type RawRetraction = Static<typeof rawRetractionSchema>
