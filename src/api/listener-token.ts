// Who sends, and when: the listener that a token names, and the time of what says none.
import { TastemakerError } from '../errors.ts'
import type { AppContext } from './route.ts'
import type { Tokens } from './tokens.ts'

/** The doors' tokens; throws `not-ready` where this process has none. */
export function tokensOf({ tokens }: AppContext): Tokens {
  if (!tokens) throw new TastemakerError('not-ready', 'This process takes no events by tokens.')
  return tokens
}

/** The listener's own id; throws `unauthorized` for a token that is missing, wrong or revoked. */
export async function userOfToken(api: AppContext, token: string | undefined): Promise<string> {
  const user = token === undefined ? undefined : await tokensOf(api).userOf(token)
  if (user === undefined)
    throw new TastemakerError(
      'unauthorized',
      'The token is missing, wrong or revoked; `tastemaker token USER` prints one.',
    )
  return user
}

/** The time of an event that says none: the minute it came in, so that what is sent again at once is the same event. */
export const arrivalTime = (now: number): number => now - (now % 60_000)
