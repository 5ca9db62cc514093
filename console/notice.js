// One line at the foot of the page that says what just happened.
import { byId } from './elements.js'

const shownMs = 5000
let hiding

/** Shows the words for five seconds. */
export function notify(words, kind = 'good') {
  const notice = byId('notice')
  notice.textContent = words
  notice.dataset.kind = kind
  clearTimeout(hiding)
  hiding = setTimeout(() => {
    notice.textContent = ''
  }, shownMs)
}
