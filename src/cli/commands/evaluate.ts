// `tastemaker evaluate`: measures the models on held-out listening and prints the table.
import type { Report } from '../../data/report.ts'
import { TastemakerError } from '../../errors.ts'
import { evaluateAll } from '../../jobs/evaluate.ts'
import { type SplitName, splitNames } from '../../jobs/rounds.ts'
import { readTrainingData, requireFeatures } from '../../jobs/training-data.ts'
import { readReport, writeReport } from '../../reports/reports.ts'
import type { Command, Invocation } from '../command.ts'
import { evaluationTable } from '../evaluation-table.ts'
import { withContext } from '../with-context.ts'

/** Prints the newest evaluation, or makes one on a split of choice. */
export const evaluateCommand: Command = {
  name: 'evaluate',
  summary: 'Measure the models on held-out listening: the last evaluation, or a new one with --split.',
  positionals: [],
  options: {
    split: {
      type: 'string',
      hint: 'NAME',
      description: `${splitNames.join(', ')}; makes a new evaluation, which decides nothing.`,
    },
    seeds: { type: 'string', hint: 'N', description: 'Random splits to average over (default 1).' },
  },
  async run(invocation) {
    const report = await reportFor(invocation)
    const { terminal, options } = invocation
    terminal.out(options.json === true ? `${JSON.stringify(report)}\n` : evaluationTable(report, terminal))
  },
}

async function reportFor(invocation: Invocation): Promise<Report> {
  const { split } = invocation.options
  if (split === undefined)
    return withContext(
      invocation,
      async (context) => {
        const report = await readReport(context.objects, 'evaluate')
        if (!report)
          throw new TastemakerError('not-ready', 'Nothing was evaluated yet: run `tastemaker run` first.')
        return report
      },
      { exclusive: false },
    )
  if (!splitNames.includes(split as SplitName))
    throw new TastemakerError(
      'bad-argument',
      `There is no split "${String(split)}"; known are ${splitNames.join(', ')}.`,
    )
  const seeds = Number(invocation.options.seeds ?? 1)
  if (!Number.isInteger(seeds) || seeds < 1 || seeds > 100)
    throw new TastemakerError(
      'bad-argument',
      `--seeds takes 1 to 100; it is ${String(invocation.options.seeds)}.`,
    )
  return withContext(
    invocation,
    async (context) => {
      const data = await readTrainingData(context, await requireFeatures(context))
      const { report } = await evaluateAll(context, data, { splits: [split as SplitName], seeds })
      await writeReport(context.objects, { ...report, name: `evaluate-${String(split)}` })
      context.progress('evaluate', 1, 'done')
      return report
    },
    { exclusive: true },
  )
}
