// The first page: pick a listener, see who it is, what it plays, what is recommended and why.
import { byId, make, problemCard } from './elements.js'
import { showEvaluation } from './evaluation.js'
import { ago, count } from './format.js'
import { showListener } from './listener.js'
import { notify } from './notice.js'
import { showPeople } from './people.js'
import { ask, keepKey } from './service.js'

const refreshMs = 60_000
const retryMs = 10_000
let version

start()

byId('key-form').addEventListener('submit', (event) => {
  event.preventDefault()
  keepKey(byId('key').value)
  start('That key is not the right one.')
})

/** Looks whether the service is ready and whether it lets this page in, then opens what fits. */
async function start(wrongKey = '') {
  try {
    const health = await ask('/health')
    showFacts(health)
    if (!health.ready) return showNothingYet()
    version = health.version
    await ask('/v1/users', { limit: 1 })
    byId('gate').hidden = true
    open(health)
  } catch (error) {
    if (error.status === 401 && /API key is missing or wrong/.test(error.message)) return showGate(wrongKey)
    byId('facts').textContent = error.message
    byId('desk').hidden = false
    byId('listener').replaceChildren(problemCard(error.message, () => start()))
  }
}

function open(health) {
  byId('desk').hidden = false
  showEvaluation(health.model)
  byId('listener').replaceChildren(welcome())
  const mark = showPeople(choose, health.listeners)
  const follow = async () => {
    const id = decodeURIComponent(location.hash.slice(1))
    if (id === '' || id === 'listener') return
    mark(id, '')
    const found = await showListener(id)
    if (found) mark(found.userId, found.words)
  }
  addEventListener('hashchange', follow)
  follow()
  setInterval(refresh, refreshMs)
}

/** The address names the listener, so that going back works and a link can be kept. */
function choose(id) {
  if (matchMedia('(max-width: 52rem)').matches) {
    byId('people').open = false
    byId('listener').focus()
  }
  const hash = `#${encodeURIComponent(id)}`
  if (location.hash === hash) dispatchEvent(new HashChangeEvent('hashchange'))
  else location.hash = hash
}

async function refresh() {
  const health = await ask('/health').catch(() => undefined)
  if (!health) return notify('The service does not answer.', 'problem')
  showFacts(health)
  if (health.version !== version) notify('New lists are out; choose a listener again to see them.')
  version = health.version
}

function showFacts(health) {
  if (!health.ready) {
    byId('facts').textContent = 'No lists are published yet.'
    return
  }
  const facts = [
    [`model, version ${health.modelVersion.slice(0, 6)}`, health.model],
    ['lists refreshed', ago(health.listsAgeSeconds)],
    ['listeners', count(health.listeners)],
    ['artists', count(health.artists)],
  ]
  byId('facts').replaceChildren(
    ...facts.map(([name, value]) => make('span', { class: 'fact' }, make('b', {}, value), ' ', name)),
  )
}

function showGate(problem) {
  byId('desk').hidden = true
  byId('gate').hidden = false
  byId('key-problem').textContent = problem
  byId('key').select()
}

function showNothingYet() {
  byId('desk').hidden = false
  byId('people').hidden = true
  byId('listener').replaceChildren(
    make(
      'div',
      { class: 'card welcome' },
      make('h2', {}, 'No lists yet'),
      make(
        'p',
        {},
        'The pipeline has not published its first lists. This page looks again every ten seconds.',
      ),
    ),
  )
  setTimeout(() => {
    byId('people').hidden = false
    start()
  }, retryMs)
}

const welcome = () =>
  make(
    'div',
    { class: 'card welcome' },
    make('h2', {}, 'Choose a listener'),
    make(
      'p',
      {},
      'You will see who it is as far as the service may know, what it plays, and which artists are recommended and why.',
    ),
    make(
      'p',
      { class: 'quiet' },
      'What you look at here is counted as shown, and what you click as clicked.',
    ),
  )
