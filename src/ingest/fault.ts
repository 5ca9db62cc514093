// The fault: why a value could not become an event, before it is known in which file and line it stood.
import type { RejectReason } from '../data/reject.ts'

/** A reason from the closed list and, in words, the field and the value seen. Never holds a listener's data. */
export type Fault = { readonly reason: RejectReason; readonly detail: string }

/** The faults of this process: a value from outside may well have a `reason` and a `detail` of its own. */
const faults = new WeakSet<object>()

/** Makes a fault. */
export function fault(reason: RejectReason, detail: string): Fault {
  const made = { reason, detail }
  faults.add(made)
  return made
}

/** Whether a step's answer is a fault and not what was asked for. */
export const isFault = (answer: object): answer is Fault => faults.has(answer)

/** Shows a value seen: at most 60 characters of its JSON, objects and arrays only by their kind. For fields that cannot hold personal data only. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'object' && value !== null) return kindOf(value)
  const json = JSON.stringify(value)
  return (json.length > 60 ? `${json.slice(0, 60)}…` : json).toWellFormed()
}

/** The kind of a value, in words, for where the value itself must not be shown. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
