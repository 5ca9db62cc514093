// The one way in for events: room for the body, the check that ingest will make, the journal, and only then the answer.
import { TastemakerError } from '../errors.ts'
import { createCleaner } from '../ingest/clean-event.ts'
import { createAdmission } from './admission.ts'
import { readBody } from './body.ts'
import type { ApiContext } from './context.ts'
import { type Candidate, type RefusedEvent, sortEvents } from './sort-events.ts'

/** What became of the events of one request. */
export type Kept = {
  /** Events on disk now. */
  readonly accepted: number
  readonly rejected: readonly RefusedEvent[]
}

/** Where events came from. */
export type Origin = {
  /** Named in the rejects: `POST /v1/events`. */
  readonly door: string
  /** See `Stamp`. */
  readonly idempotencyKey?: string
}

/** The intake of one app; every door goes through it. */
export type Intake = {
  /**
   * Reads the body while there is room for it, and holds the room until `work` is done.
   * Throws what `readBody` throws, and `busy` without reading when there is no room.
   */
  withBody<T>(request: Request, work: (body: string) => Promise<T>): Promise<T>
  /**
   * Resolves when the good events and the rejects are on disk.
   * Throws `not-ready` where this process takes no events, `busy` when too much waits, `outside` when the disk fails.
   */
  keep(candidates: readonly Candidate[], origin: Origin): Promise<Kept>
}

/** How long a cleaner lasts: its clock falls behind by at most this, which refuses no event that ingest would take. */
const cleanerKeptMs = 1000

/** Makes the intake of an app. */
export function createIntake(api: ApiContext): Intake {
  const admission = createAdmission()
  let cleaner: { readonly madeAt: number; readonly clean: ReturnType<typeof createCleaner> } | undefined
  // Ingest makes the pseudonym; here it would only be thrown away.
  const cleanerAt = (now: number) => {
    if (!cleaner || now - cleaner.madeAt >= cleanerKeptMs || now < cleaner.madeAt)
      cleaner = {
        madeAt: now,
        clean: createCleaner({ now, settings: api.ingest, pseudonymize: (userId) => userId }),
      }
    return cleaner.clean
  }
  return {
    async withBody(request, work) {
      const leave = admission.enter(request)
      try {
        return await work(await readBody(request))
      } finally {
        leave()
      }
    },
    async keep(candidates, origin) {
      const { journal, pseudonymize, metrics } = api
      if (!journal) throw new TastemakerError('not-ready', 'This process takes no events.')
      const receivedAt = api.now()
      const stamp = { ...origin, receivedAt, clean: cleanerAt(receivedAt), pseudonymize }
      const { lines, refusals, rejected } = sortEvents(candidates, stamp)
      await journal.append([...lines, ...refusals]).catch(notWritten)
      metrics.events(lines.length, rejected.length)
      return { accepted: lines.length, rejected }
    },
  }
}

function notWritten(cause: unknown): never {
  if (cause instanceof TastemakerError && cause.code === 'busy') throw cause
  throw new TastemakerError('outside', 'The events could not be written; send them again later.', { cause })
}
