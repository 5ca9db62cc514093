// Back-pressure: so many bytes of request bodies are held at once, and no more.
import { TastemakerError } from '../errors.ts'
import { bodyLimitBytes, statedLength } from './body.ts'

/** The door's count of what is inside. */
export type Admission = {
  /** Reserves room for a request's body; returns how to give it back. Throws `busy` when there is none. */
  enter(request: Request): () => void
}

/** Bytes of bodies held at once, from the first byte read until the answer. */
export const heldBytes = 128 * 1024 * 1024

/**
 * Counts bodies at their stated length, packed ones and those that state none at the longest there may be.
 * One request is always let in, so that no limit shuts the door for good.
 */
export function createAdmission(limitBytes = heldBytes): Admission {
  let held = 0
  return {
    enter(request) {
      const packed = request.headers.has('content-encoding')
      const bytes = packed
        ? bodyLimitBytes
        : Math.min(statedLength(request) ?? bodyLimitBytes, bodyLimitBytes)
      if (held > 0 && held + bytes > limitBytes)
        throw new TastemakerError(
          'busy',
          'Too many events are on their way in; send these again in a moment.',
        )
      held += bytes
      let inside = true
      return () => {
        if (inside) held -= bytes
        inside = false
      }
    },
  }
}
