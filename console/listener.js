// One listener: who it is, what is recommended, and what is played.
import { byId, make, problemCard, skeleton } from './elements.js'
import { age, ago, clock, count, counted, hue, place } from './format.js'
import { recommendationsCard } from './recommendations.js'
import { ask } from './service.js'

const shownAtFirst = 12
let latest = 0

/** Shows the listener of an id (its own, or a pseudonym); resolves to the pseudonym and a few words, or undefined when it failed. */
export async function showListener(id) {
  const turn = ++latest
  const section = byId('listener')
  section.setAttribute('aria-busy', 'true')
  section.replaceChildren(skeleton(2), skeleton(8))
  const path = `/v1/users/${encodeURIComponent(id)}`
  try {
    const [profile, answer] = await Promise.all([
      ask(path).catch((error) => {
        if (error.status === 404) return undefined
        throw error
      }),
      ask(`${path}/recommendations`, { limit: 20 }),
    ])
    if (turn !== latest) return undefined
    section.replaceChildren(person(answer.userId, profile), columns(profile, answer))
    return {
      userId: answer.userId,
      words: profile ? `${age(profile.ageGroup)}, ${place(profile)}` : 'not known yet',
    }
  } catch (error) {
    if (turn === latest) section.replaceChildren(problemCard(error.message, () => showListener(id)))
    return undefined
  } finally {
    if (turn === latest) section.setAttribute('aria-busy', 'false')
  }
}

function person(userId, profile) {
  const facts = profile
    ? [
        ['Age group', profile.ageGroup === 'unknown' ? 'unknown' : age(profile.ageGroup)],
        ['City', profile.city],
        ['State', profile.state],
        ['Country', profile.country],
        ['Plays', count(profile.plays)],
      ]
    : []
  return make(
    'header',
    { class: 'person' },
    make('span', { class: 'disc large', vars: { hue: hue(userId) }, 'aria-hidden': 'true' }),
    make(
      'div',
      {},
      make('h2', {}, make('span', { class: 'hidden' }, 'Listener '), userId),
      profile
        ? make(
            'dl',
            {},
            facts.map(([term, value]) => make('div', {}, make('dt', {}, term), make('dd', {}, value))),
          )
        : make(
            'p',
            { class: 'quiet' },
            'Nothing is known of this listener yet, so the list is the popular one.',
          ),
    ),
  )
}

function columns(profile, answer) {
  return make(
    'div',
    { class: 'columns' },
    recommendationsCard(answer),
    profile &&
      make('div', { class: 'played' }, favourites(profile.favouriteArtists), songs(profile.lastSongs)),
  )
}

function favourites(artists) {
  return shortened({
    id: 'favourites',
    title: 'Favourite artists',
    empty: 'No artist played yet.',
    rows: artists.map((artist) =>
      make(
        'li',
        {},
        make(
          'span',
          { class: 'what' },
          make('span', { class: 'name' }, artist.name),
          make(
            'span',
            { class: 'quiet' },
            [artist.genre, `${counted(artist.activeDays, 'active day')}`, trend(artist.trendingRank)]
              .filter(Boolean)
              .join(' · '),
          ),
        ),
        make(
          'span',
          { class: 'number' },
          count(artist.plays),
          make('small', {}, artist.plays === 1 ? 'play' : 'plays'),
        ),
      ),
    ),
  })
}

const trend = (rank) => (rank === null ? '' : `trending #${count(rank)}`)

function songs(list) {
  return shortened({
    id: 'songs',
    title: 'Last songs',
    empty: 'No song played yet.',
    rows: list.map((song) =>
      make(
        'li',
        {},
        make(
          'span',
          { class: 'what' },
          make('span', { class: 'name' }, song.title),
          make('span', { class: 'quiet' }, `${song.artistName} · ${ago((Date.now() - song.lastAt) / 1000)}`),
        ),
        make(
          'span',
          { class: 'number', title: 'Mean listening time ± standard deviation' },
          clock(song.meanPlayedMs),
          make('small', {}, `± ${clock(song.sdPlayedMs)}`),
        ),
        outcomes(song),
      ),
    ),
  })
}

/** How the plays of a song ended: a bar of three parts, and the same in words. */
function outcomes({ fullPlays, partialPlays, skippedPlays }) {
  const parts = [
    ['full', fullPlays],
    ['partial', partialPlays],
    ['skipped', skippedPlays],
  ].filter(([, plays]) => plays > 0)
  return make(
    'span',
    { class: 'outcomes' },
    make(
      'span',
      { class: 'outcome-bar', 'aria-hidden': 'true' },
      parts.map(([kind, plays]) => make('span', { class: kind, vars: { part: plays } })),
    ),
    make('span', { class: 'quiet' }, parts.map(([kind, plays]) => `${plays} ${kind}`).join(' · ')),
  )
}

/** A card with a list of which the first dozen shows, and a button for the rest. */
function shortened({ id, title, rows, empty }) {
  const list = make('ul', { class: 'plain' }, rows)
  for (const row of rows.slice(shownAtFirst)) row.hidden = true
  const button = make(
    'button',
    {
      type: 'button',
      class: 'more',
      onclick: () => {
        for (const row of rows) row.hidden = false
        button.remove()
      },
    },
    `Show all ${rows.length}`,
  )
  return make(
    'section',
    { class: 'card', 'aria-labelledby': `${id}-title` },
    make('h3', { id: `${id}-title` }, title),
    rows.length === 0 ? make('p', { class: 'empty' }, empty) : list,
    rows.length > shownAtFirst && button,
  )
}
