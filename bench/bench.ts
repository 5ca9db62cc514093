// `npm run bench -- NAME`: runs one claim of the project and closes with one line of JSON; without a name, lists them.
import { readdir } from 'node:fs/promises'

/** What a claim's program measured: figures by name, the goal of each, and whether all goals were met. */
export type BenchResult = {
  readonly figures: Readonly<Record<string, number>>
  readonly goals: Readonly<Record<string, string>>
  readonly pass: boolean
}

/** What each file of this folder exports. */
export type Bench = {
  readonly describe: string
  readonly run: (words: readonly string[]) => Promise<BenchResult>
}

const folder = new URL('.', import.meta.url)
const names = (await readdir(folder))
  .filter((file) => /^[a-z0-9-]+\.ts$/.test(file) && !['bench.ts', 'plot-svg.ts'].includes(file))
  .map((file) => file.replace('.ts', ''))
  .sort()
const [name, ...words] = process.argv.slice(2)

if (name === undefined) {
  for (const known of names) console.log(`${known.padEnd(20)} ${(await load(known)).describe}`)
} else if (names.includes(name)) {
  const { figures, goals, pass } = await (await load(name)).run(words)
  console.log(JSON.stringify({ bench: name, figures, goals, pass }))
  process.exitCode = pass ? 0 : 1
} else {
  console.error(`There is no bench "${name}"; known are ${names.join(', ')}.`)
  process.exitCode = 2
}

async function load(known: string): Promise<Bench> {
  return (await import(new URL(`${known}.ts`, folder).href)) as Bench
}
