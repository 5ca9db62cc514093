// What features describe: listeners, artists, and a listener with an artist.
import type { Entity } from '../feature-view.ts'

/** A listener, by pseudonym. */
export const listener: Entity = {
  name: 'listener',
  joinKeys: ['user_id'],
  description: 'A listener of the service, by keyed pseudonym.',
}

/** An artist, by the id that clean events bear. */
export const artist: Entity = {
  name: 'artist',
  joinKeys: ['artist_id'],
  description: 'An artist of the catalogue, by id.',
}

/** A listener with an artist. */
export const listenerArtist: Entity = {
  name: 'listener_artist',
  joinKeys: ['user_id', 'artist_id'],
  description: 'A listener together with an artist that there is evidence for.',
}
