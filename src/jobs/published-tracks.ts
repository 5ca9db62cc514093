// The tracks of the published lists: what players that only send a track's id cannot say themselves.
import { cacheEntries } from '../serving/list-cache.ts'
import type { ListEntry } from '../stores/lists/list-store.ts'
import type { JobContext } from './context.ts'
import { openFeatureEvents } from './feature-events.ts'

const sliceSize = 20_000

/** An entry for each track that an event has named by an id, with the artist, title and duration that were told last. */
export async function* trackEntries(
  context: JobContext,
  features: Parameters<typeof openFeatureEvents>[1],
): AsyncIterable<ListEntry> {
  const engine = await context.engine()
  await openFeatureEvents(context, features)
  await engine.run(`create or replace temp table published_tracks as
    select *, row_number() over () - 1 as row from (
      select track_id, arg_max(artist_id, occurred_at) as artist_id, arg_max(artist_name, occurred_at) as artist_name,
        arg_max(track_title, occurred_at) as title, coalesce(arg_max(duration_ms, occurred_at), 0)::double as duration_ms
      from events where track_id is not null and not starts_with(track_id, 'title:') group by track_id)`)
  for (let from = 0; ; from += sliceSize) {
    const slice = await engine.columns(
      `select track_id, artist_id, artist_name, coalesce(title, '') as title, duration_ms from published_tracks
        where row >= ${from} and row < ${from + sliceSize}`,
    )
    const texts = (name: string) => slice[name] as readonly string[]
    const ids = texts('track_id')
    for (const [at, trackId] of ids.entries())
      yield cacheEntries.track(trackId, {
        artistId: texts('artist_id')[at]!,
        artistName: texts('artist_name')[at]!,
        title: texts('title')[at]!,
        durationMs: (slice.duration_ms as Float64Array)[at]!,
      })
    if (ids.length < sliceSize) break
  }
  await engine.run('drop table published_tracks')
}
