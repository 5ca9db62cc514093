// Who is to be renamed or removed, as every store is told.

/** A change of who is who: an erasure, or a change of the pseudonym key. */
export type PeopleChange = {
  /** Pseudonyms that it concerns, where they are known beforehand; undefined: any may be. */
  readonly only?: readonly string[]
  /** The pseudonym that stands for one from now on: itself where nothing changes, undefined where the person goes. */
  readonly to: (pseudonym: string) => string | undefined
}

/** Takes people out. */
export const without = (pseudonyms: readonly string[]): PeopleChange => ({
  only: pseudonyms,
  to: (pseudonym) => (pseudonyms.includes(pseudonym) ? undefined : pseudonym),
})

/** What stands in a text for a pseudonym that was taken out. */
export const erasedName = 'u_erased'

const pseudonyms = /(?<![\w-])u\d*_[A-Za-z0-9_-]{22}(?![\w-])/g

/** A text with its pseudonyms changed, and how many were. */
export function changedText(
  text: string,
  change: PeopleChange,
): { readonly text: string; readonly changes: number } {
  let changes = 0
  const changed = text.replaceAll(pseudonyms, (found) => {
    const next = change.to(found)
    if (next !== found) changes += 1
    return next ?? erasedName
  })
  return { text: changed, changes }
}

/** The first pseudonym in a key, if there is one. */
export const personIn = (key: string): string | undefined => key.match(pseudonyms)?.[0]
