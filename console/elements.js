// Makes DOM elements from plain values; text is always text, never markup.

/**
 * An element: `make('p', { class: 'quiet' }, 'Hello ', strong)`. Attributes that are false, null or undefined are left out;
 * those that begin with `on` are listeners; `vars` sets CSS variables.
 */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) set(element, key, value)
  element.append(
    ...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
  )
  return element
}

/** The element of an id in the page. */
export const byId = (id) => document.getElementById(id)

/** A card that says what is wrong and offers to try again. */
export function problemCard(message, retry) {
  return make(
    'div',
    { class: 'card problem-card', role: 'alert' },
    make('h2', {}, 'That did not work'),
    make('p', {}, message),
    retry && make('button', { type: 'button', class: 'primary', onclick: retry }, 'Try again'),
  )
}

/** Grey lines where content is about to be. */
export const skeleton = (lines) =>
  make(
    'div',
    { class: 'card skeleton', 'aria-hidden': 'true' },
    Array.from({ length: lines }, () => make('span', {})),
  )

function set(element, key, value) {
  if (value === false || value === null || value === undefined) return
  if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
  else if (key === 'vars')
    for (const [name, size] of Object.entries(value)) element.style.setProperty(`--${name}`, size)
  else element.setAttribute(key, value === true ? '' : value)
}
