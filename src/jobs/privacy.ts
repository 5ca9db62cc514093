// The privacy job: takes erased people out of every store, and brings every store to the newest pseudonym key.
import { createPseudonymizer, keyIdOf } from '../ingest/pseudonym.ts'
import {
  type CleanManifest,
  manifestVersionKey,
  manifestVersions,
  readManifest,
  writeManifestVersion,
} from './clean-manifest.ts'
import type { Job, JobContext, JobOutcome } from './context.ts'
import { readDocument, versionOf, writeDocument } from './documents.ts'
import { erasuresKey, readErasures } from './erasures.ts'
import { readFeatureVersion, writeFeatureVersion } from './feature-version.ts'
import { hashObject } from './hash-object.ts'
import { type PeopleChange, without } from './people.ts'
import { type ChangedObjects, changePeopleInObjects } from './privacy-objects.ts'
import { type ChangedRaw, dropPeopleFromRaw } from './privacy-raw.ts'
import { changePeopleInSql, copyListsToNewNames, dropPeopleFromLists } from './privacy-stores.ts'

/** What is done already. */
type PrivacyState = {
  /** Erasures that every store has heard of, by version. */
  readonly swept: string
  /** Id of the pseudonym key that every store is under; see createPseudonymizer. */
  readonly keyId: number
}

const stateKey = 'privacy/state.json'

/**
 * Runs before ingest; does nothing while nobody was erased and no key was added. Killed anywhere, it is done again from its start,
 * and what was done stays done. Models keep no pseudonyms: what they learned goes with the next training, which the changed clean data brings.
 */
export const privacyJob: Job = {
  name: 'privacy',
  inputVersion: async (context) => versionOf(await wantedState(context)),
  settingsOf: () => undefined,
  async run(context) {
    const wanted = await wantedState(context)
    const state = (await readDocument<PrivacyState>(context.objects, stateKey)) ?? {
      swept: versionOf([]),
      keyId: 1,
    }
    const counts = {
      ...(state.keyId === wanted.keyId ? {} : await bringToKey(context)),
      ...(state.swept === wanted.swept ? {} : await takeOut(context)),
    }
    await writeDocument(context.objects, stateKey, wanted)
    context.progress(
      'privacy',
      1,
      Object.keys(counts).length > 0 ? 'every store is changed' : 'nothing to change',
    )
    return { inputs: [], outputs: [stateKey], counts }
  },
}

async function wantedState(context: JobContext): Promise<PrivacyState> {
  return { swept: versionOf(await readErasures(context.objects)), keyId: keyIdOf(context.pseudonymKey) }
}

/** Takes every erased person out of every store. */
async function takeOut(context: JobContext): Promise<JobOutcome['counts']> {
  const erasures = await readErasures(context.objects)
  const people = erasures.map(({ userId }) => userId)
  const change = without(people)
  const objects = await changePeopleInObjects(context, change, { leave: [erasuresKey] })
  const raw = await dropPeopleFromRaw(
    context,
    new Map(erasures.map(({ userId, erasedAt }) => [userId, erasedAt])),
  )
  await noteInManifest(context, objects, raw)
  const sqlRows = await changePeopleInSql(await context.sql(), change)
  const listEntries = await dropPeopleFromLists(context.lists, change)
  return {
    people: people.length,
    tables: objects.tables.length,
    rows: objects.tables.reduce((sum, { changed }) => sum + changed, 0),
    texts: objects.texts.length,
    sqlRows,
    listEntries,
    rawLines: raw.lines,
    rawObjects: raw.rewritten.length,
    foreignObjects: raw.foreign.length,
  }
}

/** Renames everybody in every store; the lists first, so that answers go on. */
async function bringToKey(context: JobContext): Promise<JobOutcome['counts']> {
  const change: PeopleChange = { to: createPseudonymizer(context.pseudonymKey) }
  const listEntries = await copyListsToNewNames(context.lists, change)
  const objects = await changePeopleInObjects(context, change, { leave: [] })
  await noteInManifest(context, objects, { lines: 0, rewritten: [], foreign: [] })
  return {
    rekeyedListEntries: listEntries,
    rekeyedTables: objects.tables.length,
    rekeyedRows: objects.tables.reduce((sum, { changed }) => sum + changed, 0),
    rekeyedSqlRows: await changePeopleInSql(await context.sql(), change),
  }
}

/**
 * The manifest's next version: the changed files, and raw objects of ours as they are now, so that none is read again. The newest
 * features are told as well; then the files that held the people go, and the older versions that name them.
 */
async function noteInManifest(context: JobContext, changed: ChangedObjects, raw: ChangedRaw): Promise<void> {
  const manifest = await readManifest(context.objects)
  const tables = new Map(changed.tables.map((table) => [table.was, table]))
  const keyNow = (key: string): string => tables.get(key)?.key ?? key
  const fileNow = <file extends { key: string; rows: number; sizeBytes: number }>(file: file): file => {
    const table = tables.get(file.key)
    return table ? { ...file, key: table.key, rows: table.rows, sizeBytes: table.sizeBytes } : file
  }
  if (manifest.version > 0 && changed.tables.length + raw.rewritten.length > 0)
    await writeManifestVersion(context.objects, {
      ...manifest,
      files: manifest.files.map(fileNow),
      corrections: manifest.corrections.map(fileNow),
      ...(manifest.accounts !== undefined && { accounts: keyNow(manifest.accounts) }),
      parts: await partsWith(context, manifest, raw),
    })
  const features = await readFeatureVersion(context.objects)
  if (features)
    await writeFeatureVersion(context.objects, {
      ...features,
      events: features.events.map(keyNow),
      ...(features.corrections && { corrections: features.corrections.map(keyNow) }),
      accounts: keyNow(features.accounts),
    })
  for (const { was, key } of changed.tables) if (was !== key) await context.objects.delete(was)
  const newest = manifestVersionKey((await readManifest(context.objects)).version)
  for await (const { key } of context.objects.list(manifestVersions))
    if (key !== newest) await context.objects.delete(key)
}

async function partsWith(context: JobContext, { parts }: CleanManifest, raw: ChangedRaw) {
  const rewritten = new Set(raw.rewritten.map(({ key }) => key))
  if (rewritten.size === 0) return parts
  const now = new Map<string, object>()
  for await (const info of context.rawEvents.list(''))
    if (rewritten.has(info.key))
      now.set(info.key, {
        ...info,
        sha256: await hashObject({ path: await context.rawEvents.localFile(info.key) }),
      })
  return parts.map((part) => ({
    ...part,
    sources: part.sources.map((source) => ({ ...source, ...now.get(source.key) })),
  }))
}
