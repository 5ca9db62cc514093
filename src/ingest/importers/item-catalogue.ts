// What a general recommender's items are to us: artists, or tracks of an artist, as far as their metadata says so.
import type { Translation } from './importer.ts'
import type { KindOfInteraction } from './interaction-kinds.ts'

type Facts = Readonly<Record<string, unknown>>
type Subject = Required<Pick<Translation, 'artist'>> & Pick<Translation, 'track'>

/** What is known of the items of an import. */
export type ItemCatalogue = {
  /** Notes what is said of an item: `name` or `title`, `genre`, and `artist` or `artist_id` where the item is a track. */
  note(item: string, facts: Facts): void
  /** The parts of an event that follow from its item and kind; `value` is the number that the service kept beside it. */
  eventOf(
    item: string,
    kind: KindOfInteraction,
    value?: number,
  ): Pick<Translation, 'event' | 'artist' | 'track' | 'value'>
}

/** Items remembered; of more, the first ones. */
const mostItems = 1_000_000

/** Makes an empty catalogue. An item that nothing is said of is an artist with that id. */
export function catalogueOf(): ItemCatalogue {
  const items = new Map<string, Subject>()
  return {
    note(item, facts) {
      if (item !== '' && (items.has(item) || items.size < mostItems)) items.set(item, subjectOf(item, facts))
    },
    eventOf(item, kind, value) {
      const { artist, track } = items.get(item) ?? { artist: { id: item } }
      const event = kind.event === 'listen' && !track ? 'play_count' : kind.event
      const counted = countOf(event, kind, value)
      return { event, artist, ...(track && { track }), ...(counted !== undefined && { value: counted }) }
    },
  }
}

/** A like or follow with a negative number is taken back; a play count is the number, or 1. */
function countOf(event: string, kind: KindOfInteraction, value: number | undefined): number | undefined {
  if (event === 'play_count') return value !== undefined && value > 0 ? value : 1
  if (event !== 'like' && event !== 'follow') return undefined
  return value !== undefined && value < 0 ? -1 : (kind.value ?? 1)
}

function subjectOf(item: string, facts: Facts): Subject {
  const name = textOf(facts.name) ?? textOf(facts.title)
  const genre = textOf(facts.genre)
  const artistId = textOf(facts.artist_id) ?? textOf(facts.artistId)
  const artistName = textOf(facts.artist) ?? textOf(facts.artist_name) ?? textOf(facts.artistName)
  if (artistId === undefined && artistName === undefined)
    return {
      artist: { id: item, ...(name !== undefined && { name }), ...(genre !== undefined && { genre }) },
    }
  return {
    artist: {
      ...(artistId !== undefined && { id: artistId }),
      ...(artistName !== undefined && { name: artistName }),
      ...(genre !== undefined && { genre }),
    },
    track: { id: item, ...(name !== undefined && { title: name }) },
  }
}

/** Text; of a list the first. Too long for our schema counts as missing. */
function textOf(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' && first.trim() !== '' && first.length <= 128 ? first : undefined
}
