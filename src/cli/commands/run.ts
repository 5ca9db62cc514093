// `tastemaker run`: does what is due, from raw events to published lists.
import { TastemakerError } from '../../errors.ts'
import { jobs } from '../../jobs/jobs.ts'
import { runJobs } from '../../jobs/run.ts'
import type { Command } from '../command.ts'
import { drainIntake } from '../intake.ts'
import { withContext } from '../with-context.ts'

/** Runs the pipeline, or the jobs named. */
export const runCommand: Command = {
  name: 'run',
  summary:
    'Run the pipeline: privacy, ingest, features, train, evaluate, publish, materialize; only what is due.',
  positionals: [],
  options: {
    only: { type: 'string', hint: 'JOBS', description: 'Only these jobs: --only ingest,features.' },
  },
  async run(invocation) {
    const chosen = chooseJobs(invocation.options.only as string | undefined)
    const records = await withContext(
      invocation,
      async (context, settings) => {
        await drainIntake(settings, context)
        return runJobs(chosen, context)
      },
      { exclusive: true },
    )
    const { terminal, options } = invocation
    if (options.json === true) terminal.out(`${JSON.stringify(records)}\n`)
    else
      for (const record of records)
        terminal.out(
          `${record.job.padEnd(10)} ${record.status.padEnd(14)} ${(record.durationMs / 1000).toFixed(1).padStart(7)} s\n`,
        )
  },
}

function chooseJobs(only: string | undefined) {
  if (only === undefined) return jobs
  const names = only.split(',')
  const unknown = names.find((name) => !jobs.some((job) => job.name === name))
  if (unknown !== undefined)
    throw new TastemakerError(
      'bad-argument',
      `There is no job "${unknown}"; the pipeline is ${jobs.map((job) => job.name).join(', ')}.`,
    )
  return jobs.filter((job) => names.includes(job.name))
}
