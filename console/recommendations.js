// The recommendations of one listener: what is shown is counted as shown, what is clicked as clicked.
import { make } from './elements.js'
import { percent, signed } from './format.js'
import { notify } from './notice.js'
import { sendEvents } from './service.js'

const sources = {
  personal: 'Made for this listener',
  segment: 'From listeners of the same age and place',
  popular: 'From what is popular here',
}

/** The card with the list. Impressions are sent for the rows that came into view. */
export function recommendationsCard(answer) {
  const shown = make('span', {}, '')
  const rows = answer.items.map((item) => row(answer, item))
  countShown(answer, rows, shown)
  return make(
    'section',
    { class: 'card recommendations', 'aria-labelledby': 'recommendations-title' },
    make(
      'header',
      {},
      make('h3', { id: 'recommendations-title' }, 'Recommended'),
      make('p', { class: 'quiet' }, `${sources[answer.source]} by ${answer.model}. `, shown),
    ),
    answer.items.length === 0
      ? make('p', { class: 'empty' }, 'No artist is left to recommend.')
      : make('ol', { class: 'picks' }, rows),
    answer.items.length > 0 &&
      make(
        'p',
        { class: 'quiet legend' },
        'Click an artist to send a click. The bar is the score, from −1 to +1.',
      ),
  )
}

function row(answer, item) {
  const state = make('span', { class: 'sent', role: 'status' })
  const button = make(
    'button',
    { type: 'button', class: 'pick', onclick: () => click(answer, item, { button, state }) },
    make('span', { class: 'position', 'aria-label': `Position ${item.position}` }, item.position),
    make(
      'span',
      { class: 'what' },
      make(
        'span',
        { class: 'title' },
        make('span', { class: 'name' }, item.name),
        item.genre && make('span', { class: 'genre' }, item.genre),
      ),
      make('span', { class: 'why' }, item.why),
    ),
    make(
      'span',
      { class: 'measure' },
      make(
        'span',
        { class: 'chance' },
        percent(item.probability),
        make('span', { class: 'hidden' }, ' probability, score '),
      ),
      scoreBar(item.score),
      state,
    ),
  )
  return make('li', { 'data-position': item.position }, button)
}

/** A bar from 0 in the middle to the score, left of it or right. */
function scoreBar(score) {
  return make(
    'span',
    { class: 'score', title: `Score ${signed(score)}` },
    make('span', {
      class: score < 0 ? 'score-bar below' : 'score-bar',
      vars: { size: Math.abs(score) },
      'aria-hidden': 'true',
    }),
    make('span', { class: 'score-value' }, signed(score)),
  )
}

const eventOf = (kind, answer, item) => ({
  event: kind,
  user: answer.userId,
  at: new Date().toISOString(),
  artist: { id: item.artistId, name: item.name, ...(item.genre && { genre: item.genre }) },
  surface: 'console',
  recommendationId: answer.recommendationId,
  position: item.position,
  modelVersion: answer.modelVersion,
})

async function click(answer, item, { button, state }) {
  if (button.dataset.sent) return
  button.dataset.sent = 'sending'
  try {
    await sendEvents(eventOf('click', answer, item))
    button.dataset.sent = 'sent'
    state.textContent = '✓ click sent'
    notify(`Click on ${item.name} (position ${item.position}) is on disk.`)
  } catch (error) {
    delete button.dataset.sent
    notify(`The click was not kept: ${error.message}`, 'problem')
  }
}

/** Sends one impression for each row at least half in view, a batch at a time. */
function countShown(answer, rows, words) {
  const waiting = []
  let total = 0
  const flush = async () => {
    const batch = waiting.splice(0)
    if (batch.length === 0) return
    try {
      const { accepted } = await sendEvents(batch.map((item) => eventOf('impression', answer, item)))
      total += accepted
      words.textContent = `${total} of ${rows.length} shown and counted.`
    } catch {
      words.textContent = 'What was shown could not be counted.'
    }
  }
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue
        observer.unobserve(target)
        waiting.push(answer.items[Number(target.dataset.position) - 1])
      }
      setTimeout(flush, 400)
    },
    { threshold: 0.5 },
  )
  for (const shown of rows) observer.observe(shown)
}
