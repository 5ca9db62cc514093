// `tastemaker start` (npm start): the whole main job: a service's data, the pipeline, the evaluation, the address.

import type { JobContext } from '../../jobs/context.ts'
import { jobs } from '../../jobs/jobs.ts'
import { runJobs } from '../../jobs/run.ts'
import { readSimulation, simulate } from '../../jobs/simulate.ts'
import { readReport } from '../../reports/reports.ts'
import { openListReader } from '../../serving/list-reader.ts'
import { presets } from '../../simulation/presets.ts'
import { openLists } from '../../stores/open.ts'
import type { Command, Invocation } from '../command.ts'
import { evaluationTable } from '../evaluation-table.ts'
import { drainIntake } from '../intake.ts'
import { settingsOf } from '../settings.ts'
import { withContext } from '../with-context.ts'
import { listenOptions, serveUntilStopped } from './serve.ts'

/** Makes sure that there are lists, shows how good they are, and serves them. */
export const startCommand: Command = {
  name: 'start',
  summary: 'Do it all: simulate a demo service where there is no data, run the pipeline, serve.',
  positionals: [],
  options: listenOptions,
  async run(invocation) {
    if (!(await isPublished(invocation))) await build(invocation)
    await showEvaluation(invocation)
    await serveUntilStopped(invocation)
  },
}

/** Lists that are published serve at once; the scheduler refreshes them when they are due. */
async function isPublished(invocation: Invocation): Promise<boolean> {
  const settings = await settingsOf(invocation)
  const lists = await openLists(settings.listsUrl)
  try {
    return (await openListReader(lists).current()) !== undefined
  } finally {
    await lists.close()
  }
}

async function build(invocation: Invocation): Promise<void> {
  await withContext(
    invocation,
    async (context, settings) => {
      await drainIntake(settings, context)
      if (await needsSimulation(context)) await simulate(context, presets.demo)
      await runJobs(jobs, context)
    },
    { exclusive: true },
  )
}

/** A folder without raw events gets the demo service; a simulation that was killed is finished. */
async function needsSimulation(context: JobContext): Promise<boolean> {
  const simulation = await readSimulation(context)
  if (simulation) return !simulation.done
  for await (const _ of context.rawEvents.list('')) return false
  return true
}

async function showEvaluation(invocation: Invocation): Promise<void> {
  const { terminal, options } = invocation
  if (options.json === true) return
  const report = await withContext(invocation, (context) => readReport(context.objects, 'evaluate'), {
    exclusive: false,
  })
  if (report) terminal.out(`\n${evaluationTable(report, terminal)}\n`)
}
