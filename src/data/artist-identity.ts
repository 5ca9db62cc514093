// Artist identity: ids that mean one artist, why they are held for one, and what a person decided.

/** An artist id as the events know it. */
export type CatalogueArtist = {
  readonly artistId: string
  /** As most of its events spell it. */
  readonly name: string
  readonly plays: number
}

/** What a person decided: `merge` says that two ids are one artist, `split` that an id stays by itself. Later decisions win. */
export type IdentityDecision =
  | { readonly kind: 'merge'; readonly artistId: string; readonly into: string; readonly at: number }
  | { readonly kind: 'split'; readonly artistId: string; readonly at: number }

/** Why two ids are held for one artist, from the surest to the boldest. */
export type IdentityRule = 'decided' | 'same-name' | 'same-letters' | 'same-words' | 'known-part' | 'alike'

/** One row of the identities table: an id that is not its artist's canonical one. */
export type Identity = {
  readonly artistId: string
  readonly canonicalId: string
  readonly rule: IdentityRule
  /** How sure the rule is, 0..1: its measured or supposed precision. */
  readonly score: number
  /** When this row was first decided, ms UTC. */
  readonly decidedAt: number
}
