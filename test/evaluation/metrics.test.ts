// Metrics by hand, and on the lists that RecBole tests its own with.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measureList, metricNames } from '../../src/evaluation/metrics.ts'

const log2 = Math.log2

/** RecBole's tests/metrics: which of three places hit, and how many artists there were to find. */
const recBole = [
  { hits: [0, 0, 0], targets: 1 },
  { hits: [1, 1, 1], targets: 3 },
  { hits: [1, 0, 1], targets: 4 },
  { hits: [0, 0, 1], targets: 2 },
] as const

/** Artists 0, 1, 2 in the list; hits are targets, and targets beyond the list are artists from 10 on. */
function measured({ hits, targets }: (typeof recBole)[number], k: number) {
  const found = [0, 1, 2].filter((place) => hits[place] === 1)
  const missed = Array.from({ length: targets - found.length }, (_, at) => 10 + at)
  return measureList([0, 1, 2], new Set([...found, ...missed]), k)
}

describe('measureList', () => {
  it.each([
    [
      'hitRate',
      [
        [0, 0, 0],
        [1, 1, 1],
        [1, 1, 1],
        [0, 0, 1],
      ],
    ],
    [
      'mrr',
      [
        [0, 0, 0],
        [1, 1, 1],
        [1, 1, 1],
        [0, 0, 1 / 3],
      ],
    ],
    [
      'map',
      [
        [0, 0, 0],
        [1, 1, 1],
        [1, 1 / 2, (1 + 2 / 3) / 3],
        [0, 0, 1 / 3 / 2],
      ],
    ],
    [
      'recall',
      [
        [0, 0, 0],
        [1 / 3, 2 / 3, 1],
        [1 / 4, 1 / 4, 2 / 4],
        [0, 0, 1 / 2],
      ],
    ],
    [
      'precision',
      [
        [0, 0, 0],
        [1, 1, 1],
        [1, 1 / 2, 2 / 3],
        [0, 0, 1 / 3],
      ],
    ],
    [
      'recallCapped',
      [
        [0, 0, 0],
        [1, 1, 1],
        [1, 1 / 2, 2 / 3],
        [0, 0, 1 / 2],
      ],
    ],
    [
      'ndcg',
      [
        [0, 0, 0],
        [1, 1, 1],
        [1, 1 / (1 + 1 / log2(3)), 1.5 / (1.5 + 1 / log2(3))],
        [0, 0, 0.5 / (1 + 1 / log2(3))],
      ],
    ],
  ] as const)('%s agrees with RecBole at 1, 2 and 3 places', (name, expected) => {
    for (const [row, lists] of recBole.entries())
      for (const k of [1, 2, 3]) expect(measured(lists, k)[name]).toBeCloseTo(expected[row]![k - 1]!, 14)
  })

  it('stays within 0..1 and gives 1 to a perfect list', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(20)),
        fc.uniqueArray(fc.nat(20)),
        fc.integer({ min: 1, max: 25 }),
        (list, wanted, k) => {
          const metrics = measureList(list, new Set(wanted), k)
          for (const name of metricNames) {
            expect(metrics[name]).toBeGreaterThanOrEqual(0)
            expect(metrics[name]).toBeLessThanOrEqual(1 + 1e-12)
          }
          if (wanted.length === 0) return
          const perfect = measureList(wanted, new Set(wanted), k)
          for (const name of ['recallCapped', 'ndcg', 'map', 'mrr', 'hitRate'] as const)
            expect(perfect[name]).toBeCloseTo(1, 12)
        },
      ),
    )
  })

  it('takes -1 for an empty place', () => {
    const { recall, mrr } = measureList([-1, 4], new Set([4, 5]), 2)
    expect([recall, mrr]).toEqual([0.5, 0.5])
  })
})
