// Reads query parameters by a route's schema: strings and integers, with defaults and ranges.
import type { TObject } from 'typebox'
import { TastemakerError } from '../errors.ts'

type Property = {
  readonly type: 'string' | 'integer'
  readonly default?: string | number
  readonly minimum?: number
  readonly maximum?: number
  readonly maxLength?: number
}

/**
 * The parameters of a schema, by name. An empty one counts as absent.
 * Throws `bad-argument` with the parameter's name, the value seen and the range.
 */
export function readQuery(
  schema: TObject,
  given: (name: string) => string | undefined,
): Readonly<Record<string, string | number | undefined>> {
  const query: Record<string, string | number | undefined> = {}
  for (const name in schema.properties) {
    const property = schema.properties[name] as unknown as Property
    const seen = given(name)
    if (seen === undefined || seen === '') query[name] = property.default
    else
      query[name] = property.type === 'integer' ? integer(name, seen, property) : text(name, seen, property)
  }
  return query
}

function integer(name: string, given: string, { minimum = 0, maximum = 2 ** 31 - 1 }: Property): number {
  const value = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN
  if (value >= minimum && value <= maximum) return value
  throw new TastemakerError(
    'bad-argument',
    `Query parameter ${name} is a whole number from ${minimum} to ${maximum}; it is ${JSON.stringify(given.slice(0, 40))}.`,
  )
}

function text(name: string, given: string, { maxLength = 256 }: Property): string {
  if (given.length <= maxLength) return given
  throw new TastemakerError(
    'bad-argument',
    `Query parameter ${name} has at most ${maxLength} characters; it has ${given.length}.`,
  )
}
