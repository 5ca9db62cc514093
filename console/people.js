// The listeners: a list that grows page by page, with a search over what is known of them.
import { byId, make } from './elements.js'
import { age, count, counted, hue, place, shortId } from './format.js'
import { ask } from './service.js'

const pageSize = 100
const pagesPerSearch = 10
const enough = 40

/** Starts the list. `choose(userId)` is called when somebody is picked; returns `mark(userId)` to show who is. */
export function showPeople(choose, total) {
  const state = { people: [], next: undefined, done: false, query: '', chosen: '', turn: 0, failed: '' }
  const draw = () => drawPeople(state, { choose, total })

  const loadPage = async (turn) => {
    const query = { after: state.next, limit: pageSize, prefix: prefixOf(state.query) }
    const answer = await ask('/v1/users', query).catch((error) => ({ failed: error.message }))
    if (turn === state.turn) take(state, answer)
  }

  /** Loads up to so many pages, until there is enough to show or a newer search takes over. */
  const load = async (pages) => {
    const turn = state.turn
    for (let page = 0; page < pages && turn === state.turn && !state.done; page++) {
      await loadPage(turn)
      if (turn === state.turn) draw()
      if (state.failed || visible(state).length >= enough) return
    }
  }

  const search = () => {
    const query = byId('search').value.trim()
    const reload = prefixOf(query) !== prefixOf(state.query)
    state.query = query
    state.turn++
    if (reload) Object.assign(state, { people: [], next: undefined, done: false })
    draw()
    load(pagesPerSearch)
  }

  byId('search').addEventListener('input', search)
  byId('search').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && state.query !== '') choose(onlyMatch(state) ?? state.query)
    if (event.key === 'ArrowDown') byId('people-list').querySelector('button')?.focus()
  })
  byId('people-list').addEventListener('keydown', walk)
  byId('people-more').addEventListener('click', () => {
    state.turn++
    const before = state.people.length
    load(1).then(() => byId('people-list').querySelectorAll('button')[before]?.focus())
  })
  load(1)
  return (userId, words) => {
    state.chosen = userId
    byId('people-current').textContent = words
    draw()
  }
}

function take(state, { listeners = [], next = state.next ?? null, failed = '' }) {
  state.people.push(...listeners)
  state.failed = failed
  if (failed) return
  state.next = next ?? undefined
  state.done = next === null
}

/** A search that begins like a pseudonym is asked of the service; any other is looked for in what is loaded. */
const prefixOf = (query) => (query.startsWith('u_') ? query : undefined)

function visible({ people, query }) {
  if (prefixOf(query)) return people
  const words = query
    .toLowerCase()
    .replaceAll('–', '-')
    .split(/[\s,]+/)
    .filter(Boolean)
  return people.filter((person) => {
    const text =
      `${person.userId} ${person.ageGroup} ${person.city} ${person.state} ${person.country}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function onlyMatch(state) {
  const found = visible(state)
  return found.length === 1 ? found[0].userId : undefined
}

function drawPeople(state, { choose, total }) {
  const found = visible(state)
  const list = byId('people-list')
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.user : undefined
  list.replaceChildren(...found.map((person) => row(person, person.userId === state.chosen, choose)))
  if (focused) list.querySelector(`[data-user="${CSS.escape(focused)}"]`)?.focus()
  byId('people-more').hidden = state.done
  byId('people-status').textContent = statusWords(state, found.length, total)
}

function statusWords({ failed, done, people, query }, found, total) {
  if (failed) return failed
  if (found > 0) {
    if (query === '')
      return done ? counted(found, 'listener') : `${count(found)} of ${count(total)} listeners`
    return `${count(found)} found among ${count(people.length)} looked at`
  }
  if (query === '') return done ? 'No listener has a profile yet.' : 'Loading…'
  return done
    ? 'Nobody found. Press Enter to open this text as a listener’s id.'
    : `Nobody found among ${count(people.length)} looked at so far.`
}

function row(person, chosen, choose) {
  return make(
    'li',
    {},
    make(
      'button',
      {
        type: 'button',
        'data-user': person.userId,
        'aria-current': chosen && 'true',
        onclick: () => choose(person.userId),
      },
      make('span', { class: 'disc', vars: { hue: hue(person.userId) }, 'aria-hidden': 'true' }),
      make(
        'span',
        { class: 'who' },
        make('span', { class: 'id' }, shortId(person.userId)),
        make(
          'span',
          { class: 'quiet' },
          `${age(person.ageGroup)} · ${place({ state: person.state, country: person.country })}`,
        ),
      ),
      make('span', { class: 'plays', title: 'Plays of favourite artists' }, count(person.plays)),
    ),
  )
}

/** Arrow keys walk through the list. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  const buttons = [...byId('people-list').querySelectorAll('button')]
  const at = buttons.indexOf(document.activeElement) + step
  event.preventDefault()
  if (at < 0) byId('search').focus()
  else buttons[at]?.focus()
}
