// Runs the rows of an accuracy bench over seeds, prints the table, and judges it by its goals.
import { parseArgs } from 'node:util'
import { openWorkers, processorCount } from '../../src/engine/open.ts'
import { modelNames } from '../../src/models/models.ts'
import type { BenchResult } from '../bench.ts'
import { type Measured, measureRow, type Row, type SplitToMeasure } from './rows.ts'
import { accuracyTable, deviation, type FilledRow, mean, reached } from './table.ts'

/** One split with the rows to measure on it. */
export type AccuracyPlan = {
  readonly title: string
  readonly k: number
  /** The split of a seed; fixed splits give the same for every seed, which then is the models' alone. */
  readonly splitOf: (seed: number) => SplitToMeasure
  readonly rows: readonly Row[]
  /** Seeds unless asked otherwise. */
  readonly seeds: number
}

/** Words that every accuracy bench understands. */
export const sharedWords = {
  models: { type: 'string' },
  seeds: { type: 'string' },
  threads: { type: 'string' },
  markdown: { type: 'boolean' },
} as const

/** What those words were. */
export type SharedWords = {
  readonly models?: string | undefined
  readonly seeds?: string | undefined
  readonly threads?: string | undefined
  readonly markdown?: boolean | undefined
}

/**
 * The bench of fixed plans.
 * @param words `--models als,ease` (model names or labels), `--seeds 3`, `--threads 2`, `--markdown`
 */
export async function runPlans(
  plans: readonly AccuracyPlan[],
  words: readonly string[],
): Promise<BenchResult> {
  const { values } = parseArgs({ args: [...words], options: sharedWords })
  const results: BenchResult[] = []
  for (const plan of plans) results.push(await runPlan(plan, values))
  return {
    figures: Object.assign({}, ...results.map(({ figures }) => figures)),
    goals: Object.assign({}, ...results.map(({ goals }) => goals)),
    pass: results.every(({ pass }) => pass),
  }
}

/** Measures one plan and prints its table to standard error, or as Markdown to standard output. */
export async function runPlan(plan: AccuracyPlan, words: SharedWords): Promise<BenchResult> {
  const wanted = words.models?.split(',')
  const rows = plan.rows
    .filter(({ label, model }) => !wanted || wanted.includes(model) || wanted.includes(label))
    .filter(({ model }) => (modelNames as readonly string[]).includes(model))
  const seeds = Number(words.seeds ?? plan.seeds)
  const workers = openWorkers({ threads: Number(words.threads ?? processorCount()) })
  const runs = new Map<Row, Measured[]>(rows.map((row) => [row, []]))
  for (let seed = 0; seed < seeds; seed++) {
    const split = plan.splitOf(seed)
    for (const row of rows) {
      const measured = await measureRow(row, split, { k: plan.k, seed, workers })
      runs.get(row)!.push(measured)
      const { recall, ndcg, fitSeconds, rankSeconds, weights } = measured
      console.error(
        `${plan.title}, seed ${seed}, ${row.label}: R ${recall.toFixed(4)} N ${ndcg.toFixed(4)}, fit ${fitSeconds.toFixed(1)} s, rank ${rankSeconds.toFixed(1)} s${weights && `, weights ${weights}`}`,
      )
    }
  }
  await workers.close()
  const filled = [...runs].map(([row, ofRow]): FilledRow => ({ row, runs: ofRow }))
  const table = accuracyTable(filled, plan.k, words.markdown ?? false)
  if (words.markdown) console.log(table)
  else console.error(`\n${plan.title}\n${table}\n`)
  return judged(plan, filled)
}

function judged(plan: AccuracyPlan, filled: readonly FilledRow[]): BenchResult {
  const figures: Record<string, number> = {}
  const goals: Record<string, string> = {}
  for (const { row, runs } of filled) {
    const name = `${plan.title} ${row.label}`
    const of = (measure: 'recall' | 'ndcg' | 'recallCapped' | 'coverage' | 'fitSeconds' | 'rankSeconds') =>
      runs.map((run) => run[measure])
    figures[`${name} R@${plan.k}`] = mean(of('recall'))
    figures[`${name} N@${plan.k}`] = mean(of('ndcg'))
    figures[`${name} capped R@${plan.k}`] = mean(of('recallCapped'))
    figures[`${name} coverage@${plan.k}`] = mean(of('coverage'))
    figures[`${name} fit s`] = mean(of('fitSeconds'))
    figures[`${name} rank s`] = mean(of('rankSeconds'))
    if (runs.length > 1) {
      figures[`${name} R@${plan.k} deviation`] = deviation(of('recall'))
      figures[`${name} N@${plan.k} deviation`] = deviation(of('ndcg'))
    }
    if (row.goal) goals[name] = `at least ${row.goal.recall} / ${row.goal.ndcg}, less ${row.tolerance ?? 0}`
  }
  return { figures, goals, pass: filled.every((row) => reached(row, filled)) }
}
