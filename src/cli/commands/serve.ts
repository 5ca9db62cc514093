// `tastemaker serve`: answers the API and the first page, takes events in, refreshes the lists every few hours.
import type { Command, Invocation } from '../command.ts'
import { startService } from '../service.ts'
import { settingsOf } from '../settings.ts'

/** Options of the commands that listen. */
export const listenOptions: Command['options'] = {
  host: { type: 'string', hint: 'ADDRESS', description: 'Address to listen on (default 127.0.0.1).' },
  port: {
    type: 'string',
    hint: 'PORT',
    description: 'Port to listen on (default 7700; 0 takes a free one).',
  },
  'no-refresh': { type: 'boolean', description: 'Only answer; never run the pipeline.' },
}

/** Serves until it is told to stop (SIGINT, SIGTERM). */
export const serveCommand: Command = {
  name: 'serve',
  summary: 'Serve the API and the first page; refresh the lists every few hours.',
  positionals: [],
  options: listenOptions,
  run: serveUntilStopped,
}

/** Serves, says where, and resolves when a signal has ended it gently. */
export async function serveUntilStopped(invocation: Invocation): Promise<void> {
  const { terminal, options } = invocation
  const service = await startService(await settingsOf(invocation), {
    log: (line) => (terminal.interactive && !process.env.TASTEMAKER_DEBUG ? undefined : terminal.note(line)),
    flags: passedOn(options),
    ...(options['no-refresh'] !== true && { refreshWith: passedOn(options) }),
  })
  terminal.out(
    options.json === true
      ? `${JSON.stringify({ url: service.url })}\n`
      : `serving ${terminal.style('bold', service.url)}  (Ctrl-C stops it)\n`,
  )
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  await service.close()
}

/** The flags of this process that a run of the pipeline needs too. */
function passedOn(options: Invocation['options']): readonly string[] {
  const single = (['data', 'config'] as const).flatMap((name) =>
    options[name] === undefined ? [] : [`--${name}`, String(options[name])],
  )
  return [...single, ...((options.set ?? []) as readonly string[]).flatMap((pair) => ['--set', pair])]
}
