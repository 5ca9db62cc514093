// The recommendations of one listener: the stored list, cut and stamped; or the next rung of the ladder.
import { randomUUID } from 'node:crypto'
import Type from 'typebox'
import type { ListenerFeatures } from '../../data/features.ts'
import type { RankedList } from '../../data/ranked-list.ts'
import { TastemakerError } from '../../errors.ts'
import { descend } from '../../serving/ladder.ts'
import {
  answerBytes,
  decodeList,
  decodeListenerHead,
  encodeList,
  parseStored,
} from '../../serving/list-bytes.ts'
import type { ListQuestions } from '../../serving/list-reader.ts'
import type { Route } from '../route.ts'
import { recommendationsSchema } from '../schemas.ts'

/** `GET /v1/users/{id}/recommendations` */
export const getRecommendations: Route = {
  method: 'get',
  path: '/v1/users/{id}/recommendations',
  summary: 'Recommended artists of a listener',
  description:
    'The newest list of the listener, best first. Who is not known yet gets the list of the segment or the popular one, so that the answer is never empty. Send `recommendationId`, `position` and `modelVersion` back with impressions and clicks.',
  params: { id: 'The service’s own id of the listener, or a pseudonym.' },
  query: Type.Object({
    limit: Type.Integer({ default: 10, minimum: 1, maximum: 1000, description: 'Longest list wanted.' }),
    exclude: Type.Optional(
      Type.String({ maxLength: 8192, description: 'Artist ids to leave out, separated by commas.' }),
    ),
  }),
  answers: { 200: { description: 'The list.', schema: recommendationsSchema } },
  errors: [503],
  async handle({ param, query }, { lists, pseudonymize, newId = randomUUID }) {
    const userId = pseudonymize(param('id'))
    const limit = query.limit as number
    const stored = await lists.read(async (view) =>
      query.exclude === undefined
        ? await storedList(view, userId, limit)
        : await listWithout(view, userId, { limit, exclude: new Set(String(query.exclude).split(',')) }),
    )
    const prefix = `"userId":${JSON.stringify(userId)},"recommendationId":${JSON.stringify(newId())},`
    return { body: answerBytes(prefix, stored, limit) }
  },
}

/** The listener's own list as stored, else the nearest rung that has one. */
async function storedList(view: ListQuestions, userId: string, limit: number): Promise<Uint8Array> {
  const own = await view.list(userId, limit)
  if (own) return own
  const [nearest] = await lowerRungs(view, userId)
  return nearest!
}

/** The listener's list without some artists, filled up from the lower rungs with artists the listener does not play yet. */
async function listWithout(
  view: ListQuestions,
  userId: string,
  { limit, exclude }: { readonly limit: number; readonly exclude: ReadonlySet<string> },
): Promise<Uint8Array> {
  const own = await view.list(userId)
  const rungs = (await lowerRungs(view, userId)).map((bytes) => decodeList(bytes))
  const known = new Set(exclude)
  const profile = await view.listener(userId)
  if (profile)
    for (const { artistId } of parseStored<ListenerFeatures>(profile).favouriteArtists) known.add(artistId)
  const without = (list: RankedList, ids: ReadonlySet<string>): RankedList => ({
    ...list,
    artists: list.artists.filter((artist) => !ids.has(artist.artistId)),
  })
  const lower = rungs.map((list) => without(list, known))
  const first = own ? without(decodeList(own), exclude) : lower.shift()!
  return encodeList(descend(first, lower, { k: limit }))
}

/** The stored lists below the personal one, best first; the last is the popular one. */
async function lowerRungs(view: ListQuestions, userId: string): Promise<readonly Uint8Array[]> {
  const profile = await view.listener(userId)
  const { ageGroup, country } = profile ? decodeListenerHead(profile) : { ageGroup: '', country: '' }
  const labels = country ? [`${ageGroup}|${country}`, country] : []
  const rungs = await Promise.all([...labels.map((label) => view.segment(label)), view.popular()])
  const found = rungs.filter((bytes) => bytes !== undefined)
  if (rungs.at(-1) === undefined)
    throw new TastemakerError('not-ready', 'The published lists have no popular one; publish them again.')
  return found
}
