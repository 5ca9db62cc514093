// What other services call an interaction, and the event it is to us.
import type { EventKind } from '../../data/event.ts'

/** An event kind, and its value where it has a sign. */
export type KindOfInteraction = { readonly event: EventKind; readonly value?: 1 | -1 }

const names: readonly (readonly [KindOfInteraction, string])[] = [
  [{ event: 'like', value: 1 }, 'like love heart star favorite favourite upvote thumbs_up positive'],
  [{ event: 'like', value: -1 }, 'dislike hate downvote thumbs_down unlike ban negative'],
  [{ event: 'follow', value: 1 }, 'follow subscribe'],
  [{ event: 'follow', value: -1 }, 'unfollow unsubscribe'],
  [{ event: 'click' }, 'click read view open visit detail'],
  [{ event: 'impression' }, 'impression impress show shown expose exposure display'],
  [{ event: 'listen' }, 'listen play scrobble stream'],
  [{ event: 'play_count' }, 'play_count playcount plays'],
  [{ event: 'playlist_add' }, 'playlist_add add_to_playlist playlist save collect'],
]

const known: ReadonlyMap<string, KindOfInteraction> = new Map(
  names.flatMap(([kind, words]) => words.split(' ').map((word) => [word, kind] as const)),
)

/**
 * The event kind for a service's own name of an interaction, in any case, with `-` or spaces for `_`.
 * @param given what the importer was told, by names in lower case; asked first
 */
export function kindOfInteraction(
  name: string,
  given: Readonly<Record<string, EventKind>> = {},
): KindOfInteraction | undefined {
  const lower = name.trim().toLowerCase()
  if (Object.hasOwn(given, lower)) return { event: given[lower]! }
  return known.get(lower.replaceAll(/[-\s]/g, '_'))
}
