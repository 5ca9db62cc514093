// The feature store for the API of the running service: online copies, pushed rows, and materializing in a process of its own.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FeatureDoor, MaterializeRequest } from '../api/feature-door.ts'
import type { Settings } from '../config.ts'
import { TastemakerError } from '../errors.ts'
import { openRegistry } from '../features/registry.ts'
import { pushedPrefix } from '../jobs/feature-store.ts'
import type { ListStore } from '../stores/lists/list-store.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'

/** What the door stands on. The stores stay the caller's to close. */
export type FeatureDoorMeans = {
  readonly lists: ListStore
  readonly objects: ObjectStore
  /** Flags that make another command work with the same settings. */
  readonly flags: readonly string[]
  readonly now: () => number
}

/** Opens the door. Materializing takes the lock of the data folder, like a run of the pipeline: one at a time. */
export function openFeatureDoor(settings: Settings, means: FeatureDoorMeans): FeatureDoor {
  const { lists, objects, flags, now } = means
  let running = false
  return {
    registry: openRegistry(settings.features),
    lists,
    async keep(view, lines) {
      const stamp = new Date(now()).toISOString().replaceAll(':', '-')
      const bytes = new TextEncoder().encode(`${lines.join('\n')}\n`)
      await objects.put(`${pushedPrefix(view)}${stamp}-${randomUUID()}.ndjson`, bytes)
    },
    async materialize(request) {
      if (running) throw new TastemakerError('conflict', 'Features are being materialized already.')
      running = true
      try {
        await runMaterialize([...wordsOf(request), ...flags])
      } finally {
        running = false
      }
    },
  }
}

const wordsOf = ({ from, to, views }: MaterializeRequest): readonly string[] => [
  ...(from === undefined ? ['--incremental'] : ['--from', new Date(from).toISOString()]),
  ...['--to', new Date(to).toISOString()],
  ...(views === undefined ? [] : ['--views', views.join(',')]),
]

/** Runs `tastemaker features materialize` with this very program, so that its memory never touches the answers. */
async function runMaterialize(words: readonly string[]): Promise<void> {
  const here = fileURLToPath(import.meta.url)
  const main = here.replace(/feature-door\.[jt]s$/, `main${extname(here)}`)
  const child = spawn(process.execPath, [main, 'features', 'materialize', '--quiet', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let notes = ''
  child.stderr.on('data', (chunk) => {
    notes = `${notes}${chunk}`.slice(-2000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve)
    child.once('error', reject)
  })
  if (code === 0) return
  if (notes.includes('is in use by process'))
    throw new TastemakerError('conflict', 'Another run works on the data folder; ask again when it is done.')
  if (notes.includes('There are no features yet'))
    throw new TastemakerError('not-ready', 'There are no features yet: run the pipeline first.')
  if (code === 2)
    throw new TastemakerError('bad-argument', 'There is no such stretch of time: the end is cut to now.')
  throw new TastemakerError('outside', 'Materializing failed; `tastemaker features materialize` says why.')
}
