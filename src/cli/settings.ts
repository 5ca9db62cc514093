// Settings for a command: file, environment and flags put together, and the embedded defaults filled in.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSettings, type Settings } from '../config.ts'
import { TastemakerError } from '../errors.ts'
import type { Invocation } from './command.ts'

/** Reads the settings a command runs with; every URL is set, relative ones below the data folder. */
export async function settingsOf(invocation: Invocation): Promise<Settings> {
  const { options } = invocation
  const settings = readSettings({
    file: await readSettingsFile(options.config as string | undefined),
    environment: process.env,
    flags: { ...namedFlags(options), ...setFlags((options.set ?? []) as readonly string[]) },
  })
  return withDefaultUrls(settings)
}

/** Fills in the embedded default of each URL that was left empty. */
export function withDefaultUrls(settings: Settings): Settings {
  const below = (...parts: string[]) => join(settings.data, ...parts)
  return {
    ...settings,
    eventsUrl: settings.eventsUrl || `file:${below('service', 'events')}`,
    accountsUrl: settings.accountsUrl || `pglite:${below('service', 'accounts')}`,
    objectsUrl: settings.objectsUrl || `file:${below('objects')}`,
    sqlUrl: settings.sqlUrl || `pglite:${below('warehouse')}`,
    listsUrl: settings.listsUrl || `lmdb:${below('lists')}`,
  }
}

async function readSettingsFile(path: string | undefined): Promise<unknown> {
  const name = path ?? 'tastemaker.json'
  let text: string
  try {
    text = await readFile(name, 'utf8')
  } catch (cause) {
    if (path === undefined) return {}
    throw new TastemakerError('bad-argument', `Cannot read the settings file ${name}.`, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TastemakerError('bad-input', `Settings file ${name} is not JSON: ${(cause as Error).message}`, {
      cause,
    })
  }
}

const settingFlags = ['data', 'host', 'port'] as const

function namedFlags(options: Invocation['options']): Record<string, unknown> {
  return Object.fromEntries(
    settingFlags.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  )
}

/** `['models.als.factors=128']` -> `{ models: { als: { factors: '128' } } }`. */
function setFlags(assignments: readonly string[]): Record<string, unknown> {
  const flags: Record<string, unknown> = {}
  for (const assignment of assignments) {
    const at = assignment.indexOf('=')
    if (at < 1)
      throw new TastemakerError('bad-argument', `--set takes NAME=VALUE; "${assignment}" has no value.`)
    const path = assignment.slice(0, at).split('.')
    const last = path.pop()!
    let section = flags
    for (const name of path) {
      section[name] ??= {}
      section = section[name] as Record<string, unknown>
    }
    section[last] = assignment.slice(at + 1)
  }
  return flags
}
