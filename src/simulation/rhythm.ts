// The rhythm of listening: through the hours of a listener's day and the days of the week.
import type { Random } from '../statistics/random.ts'

const hourMs = 3_600_000
/** Sunday first. */
const weekdays = [1.1, 0.85, 0.85, 0.9, 0.95, 1.2, 1.3]
/** Local hours from midnight on: quiet nights, a morning rise, an evening peak. */
const hours = [
  1.2, 0.7, 0.4, 0.25, 0.2, 0.4, 1.1, 2.4, 3.2, 2.9, 2.7, 2.8, 3.1, 3.0, 2.8, 3.0, 3.6, 4.4, 4.8, 5.0, 5.2,
  4.6, 3.4, 2.1,
]
const hourSum = hours.reduce((sum, weight) => sum + weight, 0)
const cumulative = hours.map((_, hour) => hours.slice(0, hour + 1).reduce((sum, weight) => sum + weight, 0))

/** How much is listened to on the UTC day that starts then, ms UTC; 1.02 at the mean, most on Fridays and Saturdays. */
export function dayWeight(startAt: number): number {
  return weekdays[new Date(startAt).getUTCDay()]!
}

/**
 * Draws when in a UTC day a session starts, ms after its midnight.
 * @param offsetHours of the listener's clock, ahead of UTC
 */
export function drawStart(random: Random, offsetHours: number): number {
  const target = random.uniform() * hourSum
  const local = cumulative.findIndex((sum) => sum > target)
  const hour = (((local - offsetHours) % 24) + 24) % 24
  return hour * hourMs + random.below(hourMs)
}
