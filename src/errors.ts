// The one error class of the project, with its closed list of codes.

/** What went wrong, as a code that a program can branch on. HTTP statuses and exit codes are chosen from it, each in one place. */
export type ErrorCode =
  | 'bad-argument' // the caller gave a value that cannot be used
  | 'bad-input' // a file or record is not what its format says
  | 'not-found' // the thing named does not exist
  | 'conflict' // it exists already, or somebody else holds it
  | 'not-ready' // asked before there was anything to answer with
  | 'unauthorized' // no key, or the wrong one
  | 'too-large' // over a stated limit
  | 'unsupported' // in a form that is not read here
  | 'busy' // more than can be taken at the moment: the same again later will do
  | 'outside' // a system outside failed after its adapter's retries
  | 'corrupt' // stored bytes are not what was written
  | 'cancelled' // the caller asked to stop

/** An error that says what was seen and what to do about it. Never carries personal data or a secret. */
export class TastemakerError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TastemakerError'
    this.code = code
  }
}
