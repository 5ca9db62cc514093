#!/usr/bin/env node
// The command line: finds the command, runs it, and chooses the exit code: 0 done, 1 failed, 2 misuse.
import { TastemakerError } from '../errors.ts'
import { codeVersion } from '../jobs/run.ts'
import { type Command, helpOf, parseInvocation } from './command.ts'
import { processTerminal, type Terminal } from './terminal.ts'

/** The commands, each loaded when it is called. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./commands/start.ts')).startCommand,
  import: async () => (await import('./commands/import.ts')).importCommand,
  validate: async () => (await import('./commands/validate.ts')).validateCommand,
  simulate: async () => (await import('./commands/simulate.ts')).simulateCommand,
  run: async () => (await import('./commands/run.ts')).runCommand,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  tune: async () => (await import('./commands/tune.ts')).tuneCommand,
  privacy: async () => (await import('./commands/privacy.ts')).privacyCommand,
  features: async () => (await import('./commands/features.ts')).featuresCommand,
  recommend: async () => (await import('./commands/recommend.ts')).recommendCommand,
  similar: async () => (await import('./commands/similar.ts')).similarCommand,
  artists: async () => (await import('./commands/artists.ts')).artistsCommand,
  token: async () => (await import('./commands/token.ts')).tokenCommand,
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  migrate: async () => (await import('./commands/migrate.ts')).migrateCommand,
  rejects: async () => (await import('./commands/rejects.ts')).rejectsCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
}

async function main(words: readonly string[], terminal: Terminal): Promise<number> {
  const [name = 'help', ...rest] = words
  if (name === '--version') {
    terminal.out(`${codeVersion}\n`)
    return 0
  }
  try {
    if (name === 'help' || name === '--help') {
      terminal.out(await overview())
      return 0
    }
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!load)
      throw new TastemakerError(
        'bad-argument',
        `There is no command "${name}". Known: ${Object.keys(commands).join(', ')}.`,
      )
    const command = await load()
    const invocation = parseInvocation(command, rest, terminal)
    if (invocation.options.help === true) terminal.out(helpOf(command))
    else await command.run(invocation)
    return 0
  } catch (error) {
    return complain(error, terminal)
  }
}

/** One line for a person, the exit code for a program. */
function complain(error: unknown, terminal: Terminal): number {
  const message = error instanceof Error ? error.message : String(error)
  terminal.note(`${terminal.style('red', 'tastemaker:')} ${message}\n`)
  if (!(error instanceof TastemakerError) && error instanceof Error) terminal.note(`${error.stack ?? ''}\n`)
  if (process.env.TASTEMAKER_DEBUG && error instanceof Error)
    terminal.note(`${String(error.cause ?? '')}\n${error.stack ?? ''}\n`)
  return error instanceof TastemakerError && error.code === 'bad-argument' ? 2 : 1
}

async function overview(): Promise<string> {
  const lines = ['tastemaker: artist recommendations from raw events, measured and served', '']
  for (const load of Object.values(commands)) {
    const { name, summary } = await load()
    lines.push(`  ${name.padEnd(12)} ${summary}`)
  }
  lines.push('', '  tastemaker COMMAND --help says what a command takes.', '')
  return lines.join('\n')
}

process.exitCode = await main(process.argv.slice(2), processTerminal())
