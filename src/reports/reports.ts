// Keeps reports: writes one with its history, reads the newest.
import type { Report } from '../data/report.ts'
import { TastemakerError } from '../errors.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'

/** Keeps a report under its name, as the newest and in its history. Resolves to the keys written. */
export async function writeReport(objects: ObjectStore, report: Report): Promise<readonly string[]> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`)
  const stamp = new Date(report.createdAt).toISOString().replaceAll(':', '-')
  const keys = [`reports/${report.name}/${stamp}.json`, `reports/${report.name}/latest.json`]
  for (const key of keys) await objects.put(key, bytes)
  return keys
}

/** The newest report of a name; undefined when there is none. */
export async function readReport(objects: ObjectStore, name: string): Promise<Report | undefined> {
  try {
    return JSON.parse(new TextDecoder().decode(await objects.get(`reports/${name}/latest.json`))) as Report
  } catch (error) {
    if (error instanceof TastemakerError && error.code === 'not-found') return undefined
    throw error
  }
}
