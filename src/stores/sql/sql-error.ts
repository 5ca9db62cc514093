// What errors of a Postgres become: which are the caller's, which the outside world's.
import { type ErrorCode, TastemakerError } from '../../errors.ts'

/**
 * What a Postgres or its client threw, as ours: with the SQLSTATE and names of the schema but no value and no
 * credential; those stay in the cause. A broken constraint is a `conflict`, unreadable data `bad-input`, a wrong
 * statement `bad-argument`, all else `outside`. Ours pass through.
 */
export function sqlError(error: unknown): TastemakerError {
  if (error instanceof TastemakerError) return error
  const { code, table, column, constraint } = (error ?? {}) as Record<string, string | undefined>
  const names = Object.entries({ table, column, constraint }).filter(([, name]) => name !== undefined)
  const where = names.map(([kind, name]) => `, ${kind} ${name}`).join('')
  const [ours, meaning] = classOf(code)
  const seen = code ?? 'without a code'
  return new TastemakerError(ours, `The SQL store failed ${seen} (${meaning})${where}.`, { cause: error })
}

type Class = readonly [ErrorCode, string]

const elsewhere: Class = ['outside', 'not reachable, or failing']

/** Classes of SQLSTATE, the first two of its five characters (PostgreSQL manual, appendix A). */
const classes: Readonly<Record<string, Class>> = {
  '22': ['bad-input', 'data that the columns cannot hold'],
  '23': ['conflict', 'a constraint does not allow it'],
  '25': ['bad-argument', 'the transaction does not allow it'],
  '26': ['bad-argument', 'no such statement'],
  '42': ['bad-argument', 'a wrong statement, a name that does not exist, or no right to it'],
  '0A': ['bad-argument', 'not supported'],
}

/** Codes of the operating system, such as EPIPE, are no SQLSTATE but may look like one: none begins as a class does. */
const classOf = (code: string | undefined): Class => classes[code?.slice(0, 2) ?? ''] ?? elsewhere
