// Numbers, times and people in words.

const whole = new Intl.NumberFormat()

/** 12345 -> 12,345 */
export const count = (value) => whole.format(value)

/** `1 play`, `2 plays` */
export const counted = (value, noun) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`

/** 0.7312 -> 73.1% */
export const percent = (share) => `${(share * 100).toFixed(1)}%`

/** 0.4624 -> +0.46 */
export const signed = (score) => `${score < 0 ? '−' : '+'}${Math.abs(score).toFixed(2)}`

/** 72000 -> 1:12 */
export function clock(ms) {
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Seconds -> `just now`, `5 minutes ago`, `3 hours ago`, `2 days ago` */
export function ago(seconds) {
  if (seconds < 60) return 'just now'
  const [size, unit] = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ].find(([length]) => seconds >= length)
  return `${counted(Math.floor(seconds / size), unit)} ago`
}

/** `u_AbCdEfGh…`: enough of a pseudonym to tell it from the next. */
export const shortId = (userId) => (userId.length > 12 ? `${userId.slice(0, 11)}…` : userId)

/** `25–34`, `under 18`, `65 and over`, `age unknown` */
export function age(group) {
  if (group === 'unknown') return 'age unknown'
  if (group === 'under-18') return 'under 18'
  if (group === '65-plus') return '65 and over'
  return group.replace('-', '–')
}

/** `Portland, OR, US`, leaving out what is not known or said twice. */
export function place({ city, state, country }) {
  const known = [city, state, country].filter((part) => part && part !== 'unknown')
  const parts = known.filter((part, at) => known.indexOf(part) === at)
  return parts.length === 0 ? 'place unknown' : parts.join(', ')
}

/** A hue for a pseudonym, 0..359, always the same one. */
export function hue(userId) {
  let sum = 0
  for (const letter of userId) sum = (sum * 31 + letter.codePointAt(0)) % 360
  return sum
}
