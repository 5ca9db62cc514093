// One line of JSON a fact, to any sink; never a user id, a name or a secret.

/** How much a fact matters to the person on call. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What a fact may carry: numbers, short words, lists of them. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Writes one fact: `log('info', 'ingest.done', { events: 12 })`. */
export type Log = (level: LogLevel, fact: string, fields?: LogFields) => void

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/**
 * A log that writes one JSON object a line: `{"at":ISO-8601,"level":...,"fact":...,...fields}`.
 * @param write receives each line, newline included
 * @param now milliseconds since the epoch, UTC
 * @param least facts below this level are dropped; default `info`
 */
export function createLog(write: (line: string) => void, now: () => number, least: LogLevel = 'info'): Log {
  return (level, fact, fields = {}) => {
    if (order.indexOf(level) < order.indexOf(least)) return
    write(`${JSON.stringify({ at: new Date(now()).toISOString(), level, fact, ...fields })}\n`)
  }
}

/** A log that keeps nothing: for tests and for callers that show progress another way. */
export const silentLog: Log = () => {}
