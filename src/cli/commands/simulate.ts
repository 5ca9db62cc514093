// `tastemaker simulate`: writes the raw files and accounts of a music service that never was.
import { TastemakerError } from '../../errors.ts'
import type { JobContext } from '../../jobs/context.ts'
import { readSimulation, simulate } from '../../jobs/simulate.ts'
import { type Preset, presets } from '../../simulation/presets.ts'
import type { Command } from '../command.ts'
import { withContext } from '../with-context.ts'

/** Simulates a service into the raw event store and the account table. */
export const simulateCommand: Command = {
  name: 'simulate',
  summary: 'Write the raw events and accounts of an invented music service.',
  positionals: [],
  options: {
    preset: { type: 'string', hint: 'NAME', description: 'tiny, demo (default), or large.' },
    events: { type: 'string', hint: 'N', description: 'Events of the large preset, up to 100,000,000.' },
  },
  async run(invocation) {
    const { terminal, options } = invocation
    const preset = choosePreset(options.preset as string | undefined, options.events as string | undefined)
    const written = await withContext(
      invocation,
      async (context) => {
        await refuseOthersData(context)
        return simulate(context, preset)
      },
      { exclusive: true },
    )
    terminal.out(
      options.json === true
        ? `${JSON.stringify(written)}\n`
        : `Simulated ${written.events.toLocaleString('en')} events of ${written.accounts.toLocaleString('en')} listeners over ${written.days} days.\n`,
    )
  },
}

function choosePreset(name = 'demo', events: string | undefined): Preset {
  if (name === 'large') return presets.large({ events: Number(events ?? 10_000_000) })
  if (name === 'tiny' || name === 'demo') return presets[name]
  throw new TastemakerError(
    'bad-argument',
    `There is no preset "${name}"; known are ${Object.keys(presets).join(', ')}.`,
  )
}

/** Invented events never mix with a real service's. */
export async function refuseOthersData(context: JobContext): Promise<void> {
  if (await readSimulation(context)) return
  for await (const { key } of context.rawEvents.list(''))
    throw new TastemakerError(
      'conflict',
      `There are raw events here already (${key}); simulate into an empty data folder with --data.`,
    )
}
