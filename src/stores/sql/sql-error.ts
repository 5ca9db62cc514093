// What errors of a Postgres become: which are the caller's, which the outside world's.
import { type ErrorCode, TastemakerError } from '../../errors.ts'

/**
 * An error of a Postgres as ours, with the SQLSTATE and names of the schema but no value and no credential; those stay
 * in the cause. A broken constraint is a `conflict`, unreadable data `bad-input`, a wrong statement `bad-argument`,
 * all else `outside`. Ours, and errors that no Postgres made (a caller's own), pass through.
 */
export function sqlError(error: unknown): unknown {
  if (error instanceof TastemakerError) return error
  const { code, table, column, constraint } = (error ?? {}) as Record<string, string | undefined>
  if (code === undefined) return error
  const names = Object.entries({ table, column, constraint }).filter(([, name]) => name !== undefined)
  const where = names.map(([kind, name]) => `, ${kind} ${name}`).join('')
  return new TastemakerError(codeOf(code), `The SQL store answered ${code} (${meaning(code)})${where}.`, {
    cause: error,
  })
}

/** Classes of SQLSTATE, the first two of five characters (PostgreSQL manual, appendix A). */
const classes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  '22': ['bad-input', 'data that the columns cannot hold'],
  '23': ['conflict', 'a constraint does not allow it'],
  '25': ['bad-argument', 'the transaction does not allow it'],
  '26': ['bad-argument', 'no such statement'],
  '42': ['bad-argument', 'a wrong statement, a name that does not exist, or no right to it'],
  '0A': ['bad-argument', 'not supported'],
}

const isState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code)

function codeOf(code: string): ErrorCode {
  return (isState(code) && classes[code.slice(0, 2)]?.[0]) || 'outside'
}

function meaning(code: string): string {
  const known = isState(code) ? classes[code.slice(0, 2)]?.[1] : undefined
  return known ?? 'not reachable, or failing'
}
