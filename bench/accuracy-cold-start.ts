// Cold start: what the feature prior of ALS is worth to new listeners and new artists, and what it does to all others.
import { mkdir, writeFile } from 'node:fs/promises'
import { readSettings } from '../src/config.ts'
import { openWorkers, processorCount } from '../src/engine/open.ts'
import type { ModelSettings } from '../src/models/algorithm.ts'
import type { BenchResult } from './bench.ts'
import { given } from './cold-start/curve.ts'
import { type Hetrec, readHetrec } from './cold-start/hetrec.ts'
import { measureKnown } from './cold-start/known.ts'
import { measureNewArtists } from './cold-start/new-artists.ts'
import { measureNewListeners, type Round } from './cold-start/new-listeners.ts'
import { measureSimulated } from './cold-start/simulated.ts'
import { lineChart } from './plot-svg.ts'

/** One sentence on the claim. */
export const describe =
  'Recall of new listeners with 0, 1, 2, 5, 10 known artists, and of new artists known by tags, with the feature prior and without (HetRec, simulation; 3 seeds)'

/** Vectors of 64 for all but the known listeners, whose published figure is for 256. */
const settingsOf = (factors: number): ModelSettings =>
  readSettings({ file: { models: { als: { factors, regularization: 0.007 } } } }).models

const parts = ['hetrec listeners', 'simulated listeners', 'hetrec artists', 'hetrec known'] as const

/**
 * Figures are means over seeds. Draws the two curves of new listeners into bench/generated/.
 * @param words number of seeds, default 3; then part of the name of the parts wanted, default all
 */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const seeds = Number(words[0] ?? 3)
  const wanted = parts.filter((part) => part.includes(words[1] ?? ''))
  const data = await readHetrec()
  const workers = openWorkers({ threads: processorCount() })
  const figures: Record<string, number> = {}
  for (let seed = 1; seed <= seeds; seed++)
    for (const part of wanted) {
      const measured = await measurePart(part, data, { workers, seed })
      for (const [name, value] of Object.entries(measured)) {
        const key = `${part}: ${name}`
        figures[key] = (figures[key] ?? 0) + value / seeds
        console.error(`seed ${seed} ${key} ${value.toFixed(4)}`)
      }
    }
  await workers.close()
  for (const part of wanted) if (part.endsWith('listeners')) await draw(part, figures, seeds)
  return judged(figures)
}

function measurePart(
  part: (typeof parts)[number],
  data: Hetrec,
  chance: Pick<Round, 'workers' | 'seed'>,
): Promise<Record<string, number>> {
  const round = { ...chance, settings: settingsOf(part === 'hetrec known' ? 256 : 64) }
  if (part === 'hetrec listeners') return measureNewListeners(data, round)
  if (part === 'simulated listeners') return measureSimulated(round)
  return part === 'hetrec artists' ? measureNewArtists(data, round) : measureKnown(data, round)
}

async function draw(part: string, figures: Readonly<Record<string, number>>, seeds: number): Promise<void> {
  const pattern = new RegExp(`^${part}: (.*)\\.0\\.recall@10$`)
  const names = Object.keys(figures).flatMap((key) => pattern.exec(key)?.[1] ?? [])
  const svg = lineChart({
    title: 'New listeners: recall@10 by the number of their artists that are known',
    subtitle: `${part}, half of each history to be found, mean of ${seeds} seeds`,
    x: { label: 'known artists' },
    y: { label: 'recall@10', including: 0 },
    series: names.map((name) => ({
      name,
      points: given.map((count) => [count, figures[`${part}: ${name}.${count}.recall@10`]!] as const),
    })),
  })
  const folder = new URL('generated/', import.meta.url)
  await mkdir(folder, { recursive: true })
  await writeFile(new URL(`cold-start-${part.replace(' ', '-')}.svg`, folder), svg)
}

/**
 * Figures, and the peers that each must at least be equal to. With nothing known, popularity by age group and country is
 * better than the prior of the same attributes on simulated listeners, and it is what such listeners are served.
 */
const claims: Readonly<Record<string, readonly string[]>> = {
  'hetrec listeners: als, prior of friends.0.recall@10': [
    'hetrec listeners: popularity by first tag.0.recall@10',
  ],
  'hetrec listeners: als, prior of friends.1.recall@10': ['hetrec listeners: als.1.recall@10'],
  'hetrec listeners: als, prior of friends.2.recall@10': ['hetrec listeners: als.2.recall@10'],
  'hetrec listeners: als, prior of friends.5.recall@10': ['hetrec listeners: als.5.recall@10'],
  'simulated listeners: als, prior of age group and place.0.recall@10': [
    'simulated listeners: popularity.0.recall@10',
  ],
  'simulated listeners: als, prior of age group and place.1.recall@10': [
    'simulated listeners: als.1.recall@10',
  ],
  'simulated listeners: als, prior of age group and place.2.recall@10': [
    'simulated listeners: als.2.recall@10',
  ],
  'hetrec artists: als, prior of tags, among new artists.recall@10': [
    'hetrec artists: random, among new artists.recall@10',
    'hetrec artists: tag popularity, among new artists.recall@10',
    'hetrec artists: als, mean of 50 neighbours by tags, among new artists.recall@10',
    'hetrec artists: als, tags mapped afterwards, among new artists.recall@10',
  ],
  'hetrec known: als, prior of tags.recall@10': ['hetrec known: als.recall@10'],
  'hetrec known: als, prior of tags.ndcg@10': ['hetrec known: als.ndcg@10'],
}

function judged(figures: Readonly<Record<string, number>>): BenchResult {
  const measured = Object.entries(claims).filter(([better]) => figures[better] !== undefined)
  return {
    figures,
    goals: Object.fromEntries(measured.map(([better, peers]) => [better, `at least ${peers.join('; ')}`])),
    pass: measured.every(([better, peers]) => peers.every((peer) => figures[better]! >= figures[peer]!)),
  }
}
