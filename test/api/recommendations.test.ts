// Recommendations: the right list for own ids, pseudonyms and strangers; limits, exclusions, never empty.
import { expect, test } from 'vitest'
import { openTestApi } from './api.ts'
import { publishSample, sampleList, sampleListener, samplePseudonym } from './sample.ts'

type Answer = {
  readonly userId: string
  readonly recommendationId: string
  readonly source: string
  readonly items: readonly { artistId: string; position: number; probability: number }[]
}

const open = async () => {
  const api = await openTestApi()
  const get = async (path: string) => (await (await api.app.request(path)).json()) as Answer
  return { ...api, get }
}

test('an own id and its pseudonym give the same list; only the pseudonym is ever answered', async () => {
  const { get } = await open()
  const pseudonym = samplePseudonym('listener-2')
  const byOwn = await get('/v1/users/listener-2/recommendations')
  const byPseudonym = await get(`/v1/users/${pseudonym}/recommendations`)
  expect(byOwn.userId).toBe(pseudonym)
  expect(byOwn.source).toBe('personal')
  expect(byPseudonym.items).toEqual(byOwn.items)
  expect(byPseudonym.recommendationId).not.toBe(byOwn.recommendationId)
})

test('a limit cuts the stored list, ten by default', async () => {
  const { get } = await open()
  const all = await get('/v1/users/listener-2/recommendations?limit=1000')
  expect(all.items).toHaveLength(20)
  expect((await get('/v1/users/listener-2/recommendations')).items).toEqual(all.items.slice(0, 10))
  expect((await get('/v1/users/listener-2/recommendations?limit=1')).items).toEqual(all.items.slice(0, 1))
})

test('excluded artists go, positions close up, and the list is filled with what the listener does not play', async () => {
  const { get } = await open()
  const all = await get('/v1/users/listener-2/recommendations?limit=20')
  const out = all.items.slice(1, 4).map((item) => item.artistId)
  const rest = await get(`/v1/users/listener-2/recommendations?limit=20&exclude=${out.join(',')}`)
  expect(rest.items.slice(0, 17).map((item) => item.artistId)).toEqual(
    all.items.map((item) => item.artistId).filter((id) => !out.includes(id)),
  )
  expect(rest.items.map((item) => item.position)).toEqual(rest.items.map((_, at) => at + 1))
  expect(rest.items).toHaveLength(20)
  const played = sampleListener(2).favouriteArtists.map((artist) => artist.artistId)
  for (const item of rest.items.slice(17)) expect([...out, ...played]).not.toContain(item.artistId)
  const chances = rest.items.map((item) => item.probability)
  expect(chances).toEqual(chances.toSorted((a, b) => b - a))
})

test('a stranger gets the popular list, also with exclusions', async () => {
  const { get } = await open()
  const stranger = await get('/v1/users/never-seen/recommendations?limit=5')
  expect(stranger.source).toBe('popular')
  expect(stranger.items.map((item) => item.artistId)).toEqual(sampleList(0, 5).artists.map((a) => a.artistId))
  const without = await get('/v1/users/never-seen/recommendations?limit=5&exclude=artist-0,artist-2')
  expect(without.items[0]!.artistId).toBe('artist-1')
  expect(without.items).toHaveLength(5)
})

test('somebody with a profile but no list gets the list of the segment', async () => {
  const { get, lists } = await open()
  for (const kind of ['list', 'top'])
    await lists.deletePrefix(`v/v1/${kind}/${samplePseudonym('listener-0')}`)
  const answer = await get('/v1/users/listener-0/recommendations')
  expect(answer.source).toBe('segment')
  expect(answer.items[0]!.artistId).toBe('artist-5')
})

test('a new version is answered from as soon as it is published', async () => {
  const { get, lists } = await open()
  await publishSample(lists, { version: 'v2', k: 3 })
  expect((await get('/v1/users/listener-2/recommendations')).items).toHaveLength(3)
})

test('pages of listeners never repeat and reach everybody', async () => {
  const { app } = await openTestApi()
  const seen: string[] = []
  let path = '/v1/users?limit=5'
  for (;;) {
    const page = (await (await app.request(path)).json()) as {
      listeners: { userId: string }[]
      next: string | null
    }
    seen.push(...page.listeners.map((listener) => listener.userId))
    if (page.next === null) break
    path = `/v1/users?limit=5&after=${encodeURIComponent(page.next)}`
  }
  expect(seen).toHaveLength(23)
  expect(new Set(seen).size).toBe(23)
})
