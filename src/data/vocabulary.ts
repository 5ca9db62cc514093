// The vocabulary: outside ids <-> dense indices 0..n-1, the only crossing between the two.
import { TastemakerError } from '../errors.ts'

/** Outside ids in index order, and the way back. */
export type Vocabulary = {
  readonly size: number
  /** Ids by index: `ids[index]`. */
  readonly ids: readonly string[]
  /** The id at an index; throws `bad-argument` outside 0..size-1. */
  idOf(index: number): string
  /** The index of an id, or -1 when it is not in the vocabulary. */
  indexOf(id: string): number
}

/**
 * Makes a vocabulary of ids, in the order given.
 * @param ids distinct; a repeated id throws `bad-argument`. Empty is fine.
 */
export function createVocabulary(ids: readonly string[]): Vocabulary {
  const indices = new Map<string, number>()
  for (const id of ids) {
    if (indices.has(id))
      throw new TastemakerError('bad-argument', 'A vocabulary was given the same id twice.')
    indices.set(id, indices.size)
  }
  return {
    size: ids.length,
    ids,
    idOf(index) {
      const id = ids[index]
      if (id === undefined)
        throw new TastemakerError('bad-argument', `Index ${index} is outside a vocabulary of ${ids.length}.`)
      return id
    },
    indexOf: (id) => indices.get(id) ?? -1,
  }
}
