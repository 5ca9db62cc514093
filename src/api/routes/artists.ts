// The artists: what is known of one, and which are nearest to it.
import Type from 'typebox'
import { TastemakerError } from '../../errors.ts'
import { json, type Route } from '../route.ts'
import { artistSchema, similarSchema } from '../schemas.ts'

const noArtist = () => new TastemakerError('not-found', 'There is no artist of this id.')

/** `GET /v1/artists/{id}` */
export const getArtist: Route = {
  method: 'get',
  path: '/v1/artists/{id}',
  summary: 'An artist',
  description: 'Name, genre, followers, plays and trend as of the last refresh.',
  params: { id: 'Id of the artist.' },
  answers: { 200: { description: 'The artist.', schema: artistSchema } },
  errors: [404, 503],
  async handle({ param }, { lists }) {
    const artist = await lists.artist(param('id'))
    if (!artist) throw noArtist()
    return json(artist)
  },
}

/** `GET /v1/artists/{id}/similar` */
export const getSimilarArtists: Route = {
  method: 'get',
  path: '/v1/artists/{id}/similar',
  summary: 'The artists nearest to one',
  description: 'Nearest first, never the artist itself. Empty where the model has no notion of nearness.',
  params: { id: 'Id of the artist.' },
  query: Type.Object({
    limit: Type.Integer({ default: 10, minimum: 1, maximum: 1000, description: 'Longest list wanted.' }),
  }),
  answers: { 200: { description: 'The artists.', schema: similarSchema } },
  errors: [404, 503],
  async handle({ param, query }, { lists }) {
    const artistId = param('id')
    const [similar, artist] = await lists.read((view) =>
      Promise.all([view.similar(artistId), view.artist(artistId)]),
    )
    if (!similar && !artist) throw noArtist()
    return json({ artistId, items: (similar ?? []).slice(0, query.limit as number) })
  },
}
