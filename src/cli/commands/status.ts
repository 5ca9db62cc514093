// `tastemaker status`: what was done when, what was rejected why, what is published.

import { readManifest } from '../../jobs/clean-manifest.ts'
import { jobs } from '../../jobs/jobs.ts'
import { lastRun } from '../../jobs/run.ts'
import { openListReader } from '../../serving/list-reader.ts'
import type { Command } from '../command.ts'
import { withContext } from '../with-context.ts'

/** Prints the state of the data folder. */
export const statusCommand: Command = {
  name: 'status',
  summary: 'Say what was done when, what was rejected and why, and what is published.',
  positionals: [],
  options: {},
  async run(invocation) {
    const status = await withContext(
      invocation,
      async (context) => {
        const { parts } = await readManifest(context.objects)
        const runs = await Promise.all(jobs.map((job) => lastRun(context.objects, job.name)))
        const published = await openListReader(context.lists).current()
        return {
          events: parts.reduce((sum, part) => sum + part.counts.clean, 0),
          duplicates: parts.reduce((sum, part) => sum + part.counts.duplicates, 0),
          rejects: rejectsByReason(parts.map((part) => part.counts.byReason)),
          runs: runs.filter((run) => run !== undefined),
          published: published ?? null,
        }
      },
      { exclusive: false },
    )
    const { terminal, options } = invocation
    if (options.json === true) {
      terminal.out(`${JSON.stringify(status)}\n`)
      return
    }
    const reasons = Object.entries(status.rejects).map(
      ([reason, count]) => `${count.toLocaleString('en')} ${reason}`,
    )
    terminal.out(
      `events     ${status.events.toLocaleString('en')} clean, ${status.duplicates.toLocaleString('en')} duplicates dropped\n`,
    )
    terminal.out(`rejects    ${reasons.join(', ') || 'none'}\n`)
    for (const run of status.runs)
      terminal.out(
        `${run.job.padEnd(10)} ${new Date(run.startedAt).toISOString()}  ${(run.durationMs / 1000).toFixed(1)} s\n`,
      )
    const { published } = status
    terminal.out(
      published
        ? `published  ${new Date(published.publishedAt).toISOString()}  ${published.listeners.toLocaleString('en')} listeners, ${published.model} ${published.modelVersion}\n`
        : 'published  nothing yet\n',
    )
  },
}

function rejectsByReason(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const one of all)
    for (const [reason, count] of Object.entries(one)) sums[reason] = (sums[reason] ?? 0) + count
  return sums
}
