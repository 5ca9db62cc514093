// How strongly each kind of event says that a listener likes an artist: one table of facts, and its SQL.

/**
 * What one event adds to the evidence for (listener, artist), before recency.
 * A skipped play says nothing rather than something bad: it may be the song, the moment or a thumb.
 * A like or follow that is taken back (`value` -1) takes its evidence away.
 */
export const evidence = {
  fullListen: 1,
  partialListen: 0.4,
  skippedListen: 0,
  click: 0.5,
  like: 5,
  follow: 5,
  playlistAdd: 3,
  /** Per play of an aggregate count. */
  playCount: 1,
} as const

/** SQL expression over a clean event `e`: its evidence before recency, >= 0 but for likes and follows taken back; impressions 0. */
export const evidenceSql = `case e.kind
    when 'listen' then case e.outcome when 'full' then ${evidence.fullListen} when 'partial' then ${evidence.partialListen} else ${evidence.skippedListen} end
    when 'click' then ${evidence.click}
    when 'like' then ${evidence.like} * coalesce(e.value, 1)
    when 'follow' then ${evidence.follow} * coalesce(e.value, 1)
    when 'playlist_add' then ${evidence.playlistAdd}
    when 'play_count' then ${evidence.playCount} * coalesce(e.value, 0)
    else 0 end`

/** SQL expression: what is left of an event's evidence at `asOf`, halving every `halfLifeDays`. */
export const recencySql = (asOf: number, halfLifeDays: number): string =>
  `power(0.5, (${asOf} - e.occurred_at) / ${halfLifeDays * 86_400_000}.0)`
