// Accuracy on any split in the published text format, given by path.
import { parseArgs } from 'node:util'
import { modelNames } from '../src/models/models.ts'
import { runPlan, sharedWords } from './accuracy/measure.ts'
import { splitAt } from './accuracy/read-split.ts'
import type { BenchResult } from './bench.ts'

/** One sentence on the claim. */
export const describe =
  'R and N of every model on your own split: --train FILE --test FILE [--valid FILE] [--k 20] [--models a,b] [--seeds n] [--markdown]'

/** Artists above which models of all pairs of them are measured only where they are asked for by name. */
const mostDenseArtists = 20_000
const dense: readonly string[] = ['ease', 'edlae']

/**
 * Measures the models with their default settings. Items of the validation file are left out of the lists, as they were seen.
 * @param words see `describe`
 */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      ...sharedWords,
      train: { type: 'string' },
      test: { type: 'string' },
      valid: { type: 'string' },
      k: { type: 'string' },
    },
  })
  const { train, test, valid, k = '20', models } = values
  if (!train || !test)
    throw new Error('Give the files of the split: --train FILE --test FILE [--valid FILE].')
  const split = await splitAt({ train, test, validation: valid })
  const fits = (name: string) =>
    models !== undefined || split.train.columns <= mostDenseArtists || !dense.includes(name)
  const rows = modelNames
    .filter((name) => name !== 'segment-popularity' && fits(name))
    .map((name) => ({ label: name, model: name }))
  const { validation: mask } = split
  const splitOf = () => ({ train: split.train, test: split.test, ...(mask && { mask }) })
  return runPlan({ title: 'split', k: Number(k), seeds: 1, rows, splitOf }, values)
}
