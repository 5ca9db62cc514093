// How far a run is: one live bar a job on a terminal, plain lines now and then in a log.
import { createLogUpdate } from 'log-update'
import type { Progress } from '../jobs/context.ts'
import type { Terminal } from './terminal.ts'

/** Progress on a terminal. */
export type ProgressView = { readonly progress: Progress; readonly finish: () => void }

type Stage = { readonly startedAt: number; endedAt?: number; share: number; detail: string }

/**
 * A view of jobs in the order they begin.
 * On a terminal each is a line `✓ features ━━━━━━━━ 100%  1.3 s  3,000 listeners`, redrawn in place; elsewhere a line when a job begins and ends.
 */
export function createProgressView(terminal: Terminal, now: () => number): ProgressView {
  return terminal.interactive ? liveView(terminal, now) : plainView(terminal, now)
}

/** A view that shows nothing. */
export const silentView: ProgressView = { progress: () => {}, finish: () => {} }

function liveView(terminal: Terminal, now: () => number): ProgressView {
  const stages = new Map<string, Stage>()
  const update = createLogUpdate(process.stderr, { showCursor: true })
  let drawnAt = 0
  const draw = () => {
    drawnAt = now()
    update([...stages].map(([name, stage]) => barLine(name, stage, { terminal, now: drawnAt })).join('\n'))
  }
  return {
    progress(job, share, detail) {
      note(stages, { job, share, detail, at: now() })
      if (share >= 1 || now() - drawnAt > 80) draw()
    },
    finish() {
      draw()
      update.done()
    },
  }
}

function plainView(terminal: Terminal, now: () => number): ProgressView {
  const stages = new Map<string, Stage>()
  return {
    progress(job, share, detail) {
      const before = stages.get(job)?.share
      const stage = note(stages, { job, share, detail, at: now() })
      if (before === undefined) terminal.note(`${job}: started\n`)
      if (share >= 1 && (before ?? 0) < 1)
        terminal.note(`${job}: done in ${seconds(stage, now())}, ${detail}\n`)
    },
    finish() {},
  }
}

function note(
  stages: Map<string, Stage>,
  seen: { readonly job: string; readonly share: number; readonly detail: string; readonly at: number },
): Stage {
  const stage = stages.get(seen.job) ?? { startedAt: seen.at, share: 0, detail: '' }
  stage.share = Math.min(1, Math.max(0, seen.share))
  stage.detail = seen.detail
  if (stage.share === 1) stage.endedAt = seen.at
  else delete stage.endedAt
  stages.set(seen.job, stage)
  return stage
}

/** One bar: `✓ train     ━━━━━━━━━━━━────────  62%   4.1 s  als 9 of 16`. */
export function barLine(
  name: string,
  stage: Readonly<Stage>,
  view: { readonly terminal: Terminal; readonly now: number },
): string {
  const width = Math.max(6, Math.min(24, view.terminal.columns - 56))
  const full = Math.round(stage.share * width)
  const { style } = view.terminal
  const done = stage.share === 1
  const bar = `${style(done ? 'green' : 'cyan', '━'.repeat(full))}${style('dim', '─'.repeat(width - full))}`
  const mark = done ? style('green', '✓') : style('cyan', '•')
  const time = seconds(stage, view.now).padStart(7)
  const room = Math.max(0, view.terminal.columns - 28 - width)
  const detail =
    stage.detail.length > room ? `${stage.detail.slice(0, Math.max(0, room - 1))}…` : stage.detail
  return `${mark} ${name.padEnd(10)} ${bar} ${String(Math.floor(stage.share * 100)).padStart(3)}% ${time}  ${style('dim', detail)}`
}

const seconds = (stage: Readonly<Stage>, now: number): string =>
  `${(((stage.endedAt ?? now) - stage.startedAt) / 1000).toFixed(1)} s`
