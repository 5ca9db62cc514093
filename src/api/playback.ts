// What is playing where: from the reports of players to the listens that came of it, in bounded memory.

/** What a player says: state and position, at a time of ours. */
export type PlaybackReport = {
  /** Tells players and listeners apart. */
  readonly player: string
  readonly trackId: string
  readonly state: 'starting' | 'playing' | 'paused' | 'stopped'
  readonly positionMs: number
  /** 1 is the usual speed. */
  readonly rate: number
  /** ms UTC. */
  readonly at: number
}

/** A play that ended. */
export type Played = {
  /** When it began, ms UTC. */
  readonly startedAt: number
  /** How much of the track was heard, in milliseconds of the track. */
  readonly playedMs: number
}

/** Remembers plays that go on. */
export type PlaybackBook = {
  /** Notes a report; a `stopped` answers with the play that ended, the same one when it is said again. */
  report(report: PlaybackReport): Played | undefined
}

type Play = {
  readonly startedAt: number
  readonly heardMs: number
  readonly lastAt: number
  /** Speed since the last report; 0: not playing. */
  readonly speed: number
  readonly ended: boolean
}

/** Plays remembered; the one not heard of for longest is forgotten first. */
const mostPlays = 10_000

/**
 * Makes an empty book. What was heard is the time between reports while it played; where the beginning was missed, it is
 * taken to have played from the beginning to the first position told.
 */
export function createPlaybackBook(most = mostPlays): PlaybackBook {
  const plays = new Map<string, Play>()
  return {
    report(report) {
      const key = JSON.stringify([report.player, report.trackId])
      const play = next(plays.get(key), report)
      plays.delete(key)
      plays.set(key, play)
      const [oldest] = plays.keys()
      if (plays.size > most && oldest !== undefined) plays.delete(oldest)
      return play.ended ? { startedAt: play.startedAt, playedMs: Math.round(play.heardMs) } : undefined
    },
  }
}

function next(before: Play | undefined, report: PlaybackReport): Play {
  const { state, at, positionMs, rate } = report
  if (state === 'stopped' && before?.ended) return before
  const fresh = state === 'starting' || !before || before.ended
  const speed = state === 'starting' || state === 'playing' ? rate : 0
  const ended = state === 'stopped'
  if (fresh) {
    const heardMs = state === 'starting' ? 0 : positionMs
    return { startedAt: at - (rate > 0 ? heardMs / rate : 0), heardMs, lastAt: at, speed, ended }
  }
  const heardMs = before.heardMs + Math.max(0, at - before.lastAt) * before.speed
  return { startedAt: before.startedAt, heardMs, lastAt: at, speed, ended }
}
