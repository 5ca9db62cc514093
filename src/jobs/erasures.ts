// The erasures: whose events must never come back, from whatever backup or raw file they are read again.
import type { ObjectStore } from '../stores/objects/object-store.ts'
import { readDocument, writeDocument } from './documents.ts'

/** A person who was erased. Events up to that moment are dropped wherever they turn up; later ones are a new beginning. */
export type Erasure = {
  /** Pseudonym. */
  readonly userId: string
  /** ms UTC. */
  readonly erasedAt: number
}

/** Object key of the list; it is the one place that keeps the pseudonym of somebody erased. */
export const erasuresKey = 'privacy/erasures.json'

/** All erasures, oldest first; each person once, with the last one. */
export async function readErasures(objects: ObjectStore): Promise<readonly Erasure[]> {
  return (await readDocument<readonly Erasure[]>(objects, erasuresKey)) ?? []
}

/** Notes an erasure: the first thing that is done for one, so that a killed one is finished by the next run. */
export async function noteErasure(objects: ObjectStore, erasure: Erasure): Promise<void> {
  const others = (await readErasures(objects)).filter(({ userId }) => userId !== erasure.userId)
  await writeDocument(objects, erasuresKey, [...others, erasure])
}
