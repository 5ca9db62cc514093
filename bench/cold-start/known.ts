// Listeners and artists known well: what a prior of tags does to the accuracy of HetRec's usual split.

import { evaluateModel } from '../../src/evaluation/evaluate.ts'
import { randomSplit } from '../../src/evaluation/splits.ts'
import { buildAttributes } from '../../src/features/attribute-matrix.ts'
import { fitModel } from '../../src/models/models.ts'
import { cellsOf, type Hetrec, sharedTags, tagCounts } from './hetrec.ts'
import type { Round } from './new-listeners.ts'

/**
 * 8:1:1 per listener at random (RecBole's protocol), plain and with tags as artist features. Taggings of a validation or
 * test pair by its own listener are removed first, and only tags that three listeners or more use count.
 */
export async function measureKnown(data: Hetrec, round: Round): Promise<Record<string, number>> {
  const { workers, seed, settings } = round
  const { train, validation, test } = randomSplit(data.plays, { seed, train: 8, validation: 1, test: 1 })
  const artistFeatures = tagFeatures(data, [cellsOf(validation), cellsOf(test)])
  const popularity = new Float64Array(train.columns)
  for (const artist of train.colIndex) popularity[artist]! += 1
  const input = { histories: { interactions: train }, heldOut: test, mask: validation, popularity, k: 10 }
  const figures: Record<string, number> = {}
  for (const [name, more] of [
    ['als', {}],
    ['als, prior of tags', { artistFeatures }],
  ] as const) {
    const model = await fitModel('als', { matrix: train, settings, ...more }, { workers, seed })
    const { means, spread } = await evaluateModel(model, input)
    figures[`${name}.recall@10`] = means.recall
    figures[`${name}.ndcg@10`] = means.ndcg
    figures[`${name}.coverage@10`] = spread.coverage
  }
  return figures
}

function tagFeatures(
  { plays, taggings }: Hetrec,
  hidden: readonly ((listener: number, artist: number) => boolean)[],
) {
  const seen = taggings.filter(({ listener, artist }) => !hidden.some((has) => has(listener, artist)))
  const counts = tagCounts(sharedTags(seen, 3), ({ artist }) => artist)
  const attributes = [...counts].flatMap(([row, tags]) =>
    [...tags].map(([tag, count]) => ({ row, name: `tag:${tag}`, weight: Math.sqrt(count) })),
  )
  return buildAttributes(plays.columns, attributes, { minRows: 5, mostFeatures: 2000 }).features
}
