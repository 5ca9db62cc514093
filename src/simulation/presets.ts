// The presets: how big a simulated service is, and how often its records go wrong.
import { TastemakerError } from '../errors.ts'

/** How often each fault is planted, as shares of the service's events; damaged kinds are rejected by any strict reader. */
export type FaultRates = {
  /** Lines that are sent twice, byte for byte. */
  readonly duplicate: number
  /** Damaged: the JSON ends in the middle. */
  readonly truncated: number
  /** Damaged: bytes that are not UTF-8. */
  readonly badEncoding: number
  /** Damaged: JSON, but a required field of a wrong type. */
  readonly wrongType: number
  /** Damaged: no user. */
  readonly missingUser: number
  /** Damaged: years ahead of the service's end. */
  readonly futureTime: number
  /** Still valid: the artist's name in another case, spacing or Unicode form. */
  readonly nameVariant: number
}

/** The size of a simulated service. */
export type Preset = {
  readonly name: string
  /** At least 1. */
  readonly listeners: number
  /** At least 40, so that every slot of a recommendation has artists to choose from. */
  readonly artists: number
  /** Days of history, at least 1. */
  readonly days: number
  /** Distinct events aimed at; the real number is near it, not equal. */
  readonly events: number
  readonly faults: FaultRates
}

/** Faults as often as a real service has them: 0.5% duplicates, 0.1% damaged in all, 0.2% name variants. */
export const usualFaults: FaultRates = {
  duplicate: 0.005,
  truncated: 0.0002,
  badEncoding: 0.0002,
  wrongType: 0.0002,
  missingUser: 0.0002,
  futureTime: 0.0002,
  nameVariant: 0.002,
}

const tiny: Preset = {
  name: 'tiny',
  listeners: 120,
  artists: 80,
  days: 30,
  events: 15_000,
  faults: usualFaults,
}
const demo: Preset = {
  name: 'demo',
  listeners: 3_000,
  artists: 2_000,
  days: 90,
  events: 1_000_000,
  faults: usualFaults,
}

/**
 * A service of any size. Listeners grow with the events up to 200,000 and artists with their square root up to 20,000,
 * so memory is bounded; from 10 million events on it covers a year, which bounds the lines of one day.
 * @param size.events distinct events aimed at, 1,000 to 100 million; outside it throws `bad-argument`
 */
export function large(size: { readonly events: number }): Preset {
  const { events } = size
  if (!(events >= 1_000 && events <= 100_000_000))
    throw new TastemakerError(
      'bad-argument',
      `A simulated service has 1,000 to 100,000,000 events, not ${events}; choose a size in that range.`,
    )
  return {
    name: 'large',
    listeners: between(20, events / 333, 200_000),
    artists: between(80, 2 * Math.sqrt(events), 20_000),
    days: events < 10_000_000 ? 90 : 365,
    events,
    faults: usualFaults,
  }
}

/** The sizes in use: `tiny` for tests, `demo` for the demo, `large` for load. */
export const presets = { tiny, demo, large } as const

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, Math.round(value)))
}
