// Accuracy on Amazon-Electronics, the published UltraGCN split, lists of 20.
import { runPlans } from './accuracy/measure.ts'
import { sharedSplit } from './accuracy/read-split.ts'
import type { Row } from './accuracy/rows.ts'
import type { BenchResult } from './bench.ts'

/** One sentence on the claim. */
export const describe =
  'R@20 and N@20 of every model on the UltraGCN split of Amazon-Electronics (1,435 x 1,522); the blend must pass all of them'

const als = { factors: 128, regularization: 0.02, unobservedWeight: 0.2 }
const turboCf = { alpha: 0.5, power: 1, neighbours: 0 }
const rp3beta = { alpha: 0.6, beta: 0.2, neighbours: 300, normalize: true }
const edlae = { regularization: 100, dropout: 0.5 }
const published = { recall: 0.1368, ndcg: 0.0829, by: 'UltraGCN' }

/** Settings were chosen by our prototype on a random tenth of train, the blend's weights on another. */
const rows: readonly Row[] = [
  { label: 'popularity', model: 'popularity' },
  { label: 'cosine', model: 'cosine', prototype: { recall: 0.1272, ndcg: 0.0782 } },
  {
    label: 'rp3beta',
    model: 'rp3beta',
    settings: { rp3beta },
    prototype: { recall: 0.1341, ndcg: 0.0827 },
  },
  {
    label: 'turbo-cf',
    model: 'turbo-cf',
    settings: { turboCf },
    goal: { recall: 0.1421, ndcg: 0.0865 },
    tolerance: 0.0005,
    prototype: { recall: 0.1421, ndcg: 0.0865 },
    published,
  },
  {
    label: 'ease',
    model: 'ease',
    settings: { ease: { regularization: 200 } },
    prototype: { recall: 0.1332, ndcg: 0.082 },
  },
  { label: 'edlae', model: 'edlae', settings: { edlae }, prototype: { recall: 0.1351, ndcg: 0.0822 } },
  {
    label: 'als 128',
    model: 'als',
    settings: { als },
    goal: { recall: 0.1374, ndcg: 0.0848 },
    tolerance: 0.003,
    prototype: { recall: 0.1374, ndcg: 0.0848 },
    published,
  },
  {
    label: 'blend',
    model: 'blend',
    settings: { als, rp3beta, turboCf, edlae, blend: { components: 'als, rp3beta, turbo-cf, edlae' } },
    goal: { recall: 0.1421, ndcg: 0.0865 },
    passes: 'turbo-cf',
    published,
  },
]

/** See runPlans for the words. */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const split = await sharedSplit('electronics-ultragcn')
  return runPlans([{ title: 'Electronics', k: 20, seeds: 1, rows, splitOf: () => split }], words)
}
