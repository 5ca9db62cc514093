// The evaluate job: measures every model on held-out listening, picks the one to publish, calibrates its scores.
import type { Calibration } from '../data/calibration.ts'
import type { Model } from '../data/model.ts'
import type { Figure, Report } from '../data/report.ts'
import { calibrateModel } from '../evaluation/calibrate-model.ts'
import { compareModels, evaluateModel, type ModelEvaluation, toFigures } from '../evaluation/evaluate.ts'
import { modelLineUp } from '../models/line-up.ts'
import type { ModelName } from '../models/models.ts'
import { writeReport } from '../reports/reports.ts'
import type { Job, JobContext } from './context.ts'
import { readDocument, writeDocument } from './documents.ts'
import { readFeatureVersion } from './feature-version.ts'
import { hasTime, prepareRound, type Round, type SplitName } from './rounds.ts'
import { modelVersionOf, trainModel } from './train.ts'
import { readTrainingData, requireFeatures, type TrainingData } from './training-data.ts'

/** What an evaluation decided, for `publish`. */
export type Verdict = {
  readonly featureVersion: string
  /** Version of the models that it speaks of; see modelVersionOf. */
  readonly modelVersion: string
  /** The model with the highest NDCG on the deciding split. */
  readonly champion: ModelName
  readonly decidedBy: SplitName
  /** Per model: raw score -> probability that the listener takes to a recommended artist. */
  readonly calibrations: Readonly<Record<string, Calibration>>
}

/** Which splits to measure on, each with how many seeds. */
export type EvaluationPlan = { readonly splits: readonly SplitName[]; readonly seeds: number }

const verdictKey = 'models/verdict.json'

/** Measures all models whenever the features or a setting changed. */
export const evaluateJob: Job = {
  name: 'evaluate',
  inputVersion: async (context) => (await readFeatureVersion(context.objects))?.version ?? 'none',
  settingsOf: ({ models, evaluation, features }) => [models, evaluation, features],
  async run(context) {
    const data = await readTrainingData(context, await requireFeatures(context))
    const splits: readonly SplitName[] = hasTime(data, context.settings.evaluation.holdoutDays)
      ? ['temporal', 'random']
      : ['random']
    const { report, verdict } = await evaluateAll(context, data, { splits, seeds: 1 })
    const keys = await writeReport(context.objects, report)
    await writeDocument(context.objects, verdictKey, verdict)
    context.progress('evaluate', 1, `${verdict.champion} leads on the ${verdict.decidedBy} split`)
    return {
      inputs: [data.features.interactionsKey],
      outputs: [...keys, verdictKey],
      counts: { models: Object.keys(verdict.calibrations).length, splits: splits.length },
    }
  },
}

/** The newest verdict, if there is one. */
export const readVerdict = (context: JobContext): Promise<Verdict | undefined> =>
  readDocument<Verdict>(context.objects, verdictKey)

type MeasuredModel = { readonly evaluation: ModelEvaluation; readonly calibration: Calibration }

type Measured = { readonly round: Round; readonly byModel: ReadonlyMap<ModelName, MeasuredModel> }

/** Measures all models on all rounds of a plan; the first split decides. */
export async function evaluateAll(
  context: JobContext,
  data: TrainingData,
  plan: EvaluationPlan,
): Promise<{ readonly report: Report; readonly verdict: Verdict }> {
  const measured: Measured[] = []
  const rounds = plan.splits.flatMap((split) =>
    Array.from({ length: split === 'temporal' ? 1 : plan.seeds }, (_, at) => ({
      split,
      seed: context.settings.seed + at,
    })),
  )
  for (const [at, choice] of rounds.entries()) {
    const round = await prepareRound(context, data, choice)
    const byModel = await measureRound(context, round, (share, detail) =>
      context.progress(
        'evaluate',
        Math.min(0.99, (at + share) / rounds.length),
        `${choice.split}: ${detail}`,
      ),
    )
    measured.push({ round, byModel })
  }
  const { k } = context.settings.evaluation
  const deciding = measured[0]!
  const champion = best(deciding.byModel)
  const calibrations = Object.fromEntries(
    [...deciding.byModel].map(([name, { calibration }]) => [name, calibration]),
  )
  const report: Report = {
    name: 'evaluate',
    createdAt: context.now(),
    summary: `Recommendations of ${deciding.byModel.size} models measured on held-out listening, all ${data.matrix.columns.toLocaleString('en')} artists ranked, lists of ${k}; intervals are 95% bootstrap over listeners.`,
    figures: figuresOf(context, measured),
    notes: notesOf(measured, champion),
  }
  const verdict = {
    featureVersion: data.features.version,
    modelVersion: modelVersionOf(context.settings, data.features.version),
    champion,
    decidedBy: deciding.round.split,
    calibrations,
  }
  return { report, verdict }
}

async function measureRound(
  context: JobContext,
  round: Round,
  onProgress: (share: number, detail: string) => void,
): Promise<ReadonlyMap<ModelName, MeasuredModel>> {
  const popularity = popularityOf(round)
  const histories = {
    interactions: round.histories,
    segments: round.historySegments,
    features: round.historyFeatures,
  }
  const names = modelLineUp(context.settings.models, round.matrix.columns)
  const { k } = context.settings.evaluation
  const found = new Map<ModelName, MeasuredModel>()
  const fitted = new Map<string, Model>()
  for (const [at, name] of names.entries()) {
    onProgress(at / names.length, name)
    const model = await trainModel(context, name, { ...round, fitted })
    fitted.set(name, model)
    const evaluation = await evaluateModel(model, {
      histories,
      heldOut: round.heldOut,
      k,
      popularity,
      ...(round.mask && { mask: round.mask }),
    })
    found.set(name, {
      evaluation,
      calibration: await calibrateModel(model, { histories, heldOut: round.heldOut, k }),
    })
  }
  return found
}

/** Listeners of each artist in the training part. */
function popularityOf(round: Round): Float64Array {
  const counts = new Float64Array(round.matrix.columns)
  for (const artist of round.matrix.colIndex) counts[artist]! += 1
  return counts
}

function best(byModel: ReadonlyMap<ModelName, MeasuredModel>): ModelName {
  let leader: ModelName = 'popularity'
  let highest = -1
  for (const [name, { evaluation }] of byModel) {
    // Not a number, where no listener could be measured, leads nothing.
    if (!(evaluation.means.ndcg > highest)) continue
    leader = name
    highest = evaluation.means.ndcg
  }
  return leader
}

/** All figures, those of a split with several seeds as the mean over seeds. */
function figuresOf(context: JobContext, measured: readonly Measured[]): readonly Figure[] {
  const { bootstrapRounds } = context.settings.evaluation
  const { seed } = context.settings
  const bySplit = Map.groupBy(measured, ({ round }) => round.split)
  return [...bySplit].flatMap(([split, rounds]) =>
    [...rounds[0]!.byModel.keys()].flatMap((name) => {
      const perSeed = rounds.map(({ byModel }) =>
        toFigures(byModel.get(name)!.evaluation, { bootstrapRounds, seed }),
      )
      return perSeed[0]!.map((figure, at) => ({
        ...meanFigure(perSeed.map((figures) => figures[at]!)),
        metric: `${split}/${figure.metric}`,
        of: name,
      }))
    }),
  )
}

/** One figure of several seeds: mean and deviation of the values, and the mean ends of their intervals. */
function meanFigure(figures: readonly Figure[]): Figure {
  const mean = (of: (figure: Figure) => number) =>
    figures.reduce((sum, figure) => sum + of(figure), 0) / figures.length
  const first = figures[0]!
  if (figures.length === 1) return first
  const value = mean((figure) => figure.value)
  const squares = figures.reduce((sum, figure) => sum + (figure.value - value) ** 2, 0)
  const deviation = Math.sqrt(squares / (figures.length - 1))
  if (first.low === undefined) return { ...first, value, deviation }
  return { ...first, value, deviation, low: mean(({ low }) => low!), high: mean(({ high }) => high!) }
}

/** What a reader of the table should know, in sentences. */
function notesOf(measured: readonly Measured[], champion: ModelName): readonly string[] {
  return measured.slice(0, 1).flatMap(({ round, byModel }) => {
    const leader = byModel.get(champion)!.evaluation
    const baseline = byModel.get('popularity')!.evaluation
    if (leader.users.length === 0)
      return [
        `${round.split}: no listener has enough artists for one to be held out; popularity is published unmeasured.`,
      ]
    const options = { rounds: 1000, seed: round.seed }
    const ndcg = compareModels(baseline, leader, options).find(({ metric }) => metric === 'ndcg')!
    return [
      `${round.split}: ${leader.users.length} listeners measured, ${leader.usersLeftOut} had nothing held out and are not in the means.`,
      `${champion} minus popularity, NDCG per listener: ${ndcg.difference.toFixed(4)} [${ndcg.low.toFixed(4)}, ${ndcg.high.toFixed(4)}].`,
    ]
  })
}
