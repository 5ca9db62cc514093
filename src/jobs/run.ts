// Runs jobs in order: skips what is done, leaves a run record of what it did, stops at the first failure.
import type { RunRecord } from '../data/run-record.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'
import type { Job, JobContext, JobOutcome } from './context.ts'
import { readDocument, versionOf, writeDocument } from './documents.ts'

/** Version of the code that a run record names; part of every job's key, so that a new version does its work again. */
export const codeVersion = '0.1.0'

/**
 * Runs each job that has something to do, in order.
 * @returns the run record of each; `nothing-to-do` for those that were skipped
 * Throws what the first failing job threw, after its record is kept.
 */
export async function runJobs(jobs: readonly Job[], context: JobContext): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = []
  for (const job of jobs) records.push(await runJob(job, context))
  return records
}

/** The newest record of a finished job, if it ever finished. */
export async function lastRun(objects: ObjectStore, job: string): Promise<RunRecord | undefined> {
  return readDocument<RunRecord>(objects, `runs/${job}/latest.json`)
}

async function runJob(job: Job, context: JobContext): Promise<RunRecord> {
  const startedAt = context.now()
  const inputVersion = await job.inputVersion(context)
  const { seed } = context.settings
  const key = versionOf([job.name, codeVersion, seed, inputVersion, job.settingsOf(context.settings)])
  const last = await lastRun(context.objects, job.name)
  const base = {
    runId: `${new Date(startedAt).toISOString().replaceAll(':', '-')}-${key}`,
    job: job.name,
    key,
    startedAt,
    seed,
    codeVersion,
  }
  if (inputVersion !== undefined && last?.key === key) {
    context.progress(job.name, 1, 'nothing new')
    return { ...base, ...nothing, status: 'nothing-to-do', durationMs: context.now() - startedAt }
  }
  try {
    const outcome = await job.run(context)
    return await keep(context, { ...base, ...measured(context, startedAt), ...outcome, status: 'done' })
  } catch (error) {
    const failed = { ...base, ...nothing, ...measured(context, startedAt), status: 'failed' as const }
    await keep(context, { ...failed, error: error instanceof Error ? error.message : String(error) })
    throw error
  }
}

const nothing: JobOutcome & { readonly peakMemoryBytes: number } = {
  inputs: [],
  outputs: [],
  counts: {},
  peakMemoryBytes: 0,
}

function measured(context: JobContext, startedAt: number) {
  return {
    durationMs: context.now() - startedAt,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  }
}

async function keep(context: JobContext, record: RunRecord): Promise<RunRecord> {
  await writeDocument(context.objects, `runs/${record.job}/${record.runId}.json`, record)
  if (record.status === 'done') await writeDocument(context.objects, `runs/${record.job}/latest.json`, record)
  context.log(record.status === 'failed' ? 'error' : 'info', `job.${record.status}`, {
    job: record.job,
    durationMs: record.durationMs,
    ...record.counts,
  })
  return record
}
