// The rejects as a person looks at them: counts by reason and by file, and some of them with what was wrong.
import type { Reject } from '../data/reject.ts'
import { quoted } from '../engine/engine.ts'
import {
  clearPending,
  type LineCounts,
  readManifest,
  readPending,
  writeManifestVersion,
  writePending,
} from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { ingestBatches } from './ingest-batches.ts'
import { unfinishedBatches } from './plan-batches.ts'
import { planRetries, type RetryHindrance, rejectRows } from './rejects-retry.ts'

/** Which rejects to look at. */
export type RejectsQuery = {
  /** Only with this reason. */
  readonly reason?: string | undefined
  /** Only of files whose name holds this. */
  readonly file?: string | undefined
  /** Examples at most. */
  readonly limit: number
}

/** A number of rejects under a name. */
export type RejectCount = { readonly name: string; readonly rejects: number }

/** An example; `door` says where the line was rejected: `ingest`, `import` or `intake`. */
export type RejectExample = Reject & { readonly door: string }

/** What was found, most frequent first; the files are at most 1,000. */
export type RejectsFound = {
  readonly total: number
  readonly byReason: readonly RejectCount[]
  readonly byFile: readonly RejectCount[]
  readonly examples: readonly RejectExample[]
}

/** What a retry did: `read` = `clean` + `corrections` + `duplicates` + `erased` + `stillRejected`. */
export type RetryOutcome = {
  readonly read: number
  readonly clean: number
  readonly corrections: number
  readonly duplicates: number
  readonly erased: number
  readonly stillRejected: number
  /** Rejects that cannot be read again, and why. */
  readonly hindered: readonly RetryHindrance[]
}

/** Finds rejects of ingest, imports and the intake. Examples come in the order of file and line, one of each reason first. */
export async function findRejects(context: JobContext, query: RejectsQuery): Promise<RejectsFound> {
  const engine = await context.engine()
  await engine.run(`create or replace temp view rejects_asked as ${await rejectsSql(context)}
    where true${query.reason === undefined ? '' : ` and reason = ${quoted(query.reason)}`}
    ${query.file === undefined ? '' : ` and contains(file, ${quoted(query.file)})`}`)
  const countBy = async (column: 'reason' | 'file'): Promise<readonly RejectCount[]> => {
    const rows = await engine.rows(`select ${column} as name, count(*) as rejects from rejects_asked
      group by ${column} order by rejects desc, name limit 1000`)
    return rows as unknown as RejectCount[]
  }
  const byReason = await countBy('reason')
  const examples = await engine.rows(`select file, line, reason, detail, text, door from rejects_asked
    order by row_number() over (partition by reason order by file, line, door), reason, file, line, door limit ${query.limit}`)
  return {
    total: byReason.reduce((sum, { rejects }) => sum + rejects, 0),
    byReason,
    byFile: await countBy('file'),
    examples: examples as unknown as RejectExample[],
  }
}

/** All rejects there are: those that the ledger names, and those of the doors, which lie in folders of their own. */
async function rejectsSql(context: JobContext): Promise<string> {
  const { parts } = await readManifest(context.objects)
  const keys = new Map<string, string[]>()
  const add = (door: string, key: string) => keys.set(door, [...(keys.get(door) ?? []), key])
  for (const part of parts) if (part.counts.rejects > 0) add('ingest', part.rejects)
  for await (const { key, sizeBytes } of context.objects.list('rejects/')) {
    const [, door = '', ...rest] = key.split('/')
    if (rest.length > 0 && sizeBytes > 0) add(door, key)
  }
  const selects: string[] = []
  for (const [door, some] of keys) {
    const paths = await Promise.all(some.map((key) => context.objects.localFile(key)))
    selects.push(`select *, ${quoted(door)} as door from ${rejectRows(paths)}`)
  }
  const none = `select '' as file, 0 as line, '' as reason, '' as detail, '' as text, '' as door where false`
  return `select * from (${selects.length === 0 ? none : selects.join(' union all ')})`
}

/**
 * Reads the raw lines behind rejects of ingest again, with today's code and settings, and lands those that pass now; the counts
 * follow. Doing it again changes nothing. Needs the data folder to itself.
 */
export async function retryRejects(
  context: JobContext,
  query: Pick<RejectsQuery, 'reason'>,
): Promise<RetryOutcome> {
  const before = await readManifest(context.objects)
  const { batches, hindrances, read } = await planRetries(context, before, query)
  const unfinished = unfinishedBatches(before, await readPending(context.objects))
  const hindered = [...hindrances, ...(await doorHindrances(context, query))]
  if (batches.length === 0) return { ...nothingRead, hindered }
  await writePending(context.objects, [...unfinished, ...batches])
  const finished = await ingestBatches(context, before, unfinished)
  const after = await ingestBatches(context, finished, batches)
  await clearPending(context.objects)
  if (after.parts.some((part, at) => part !== before.parts[at]))
    await writeManifestVersion(context.objects, after)
  const sum = (field: keyof LineCounts) =>
    after.parts.reduce(
      (total, { counts }, at) => total + counts[field] - (finished.parts[at]?.counts[field] ?? 0),
      0,
    )
  const landed = { clean: sum('clean'), corrections: sum('corrections') }
  const dropped = { duplicates: sum('duplicates'), erased: sum('erased') }
  return { read, ...landed, ...dropped, stillRejected: read + sum('rejects'), hindered }
}

const nothingRead = { read: 0, clean: 0, corrections: 0, duplicates: 0, erased: 0, stillRejected: 0 }

/** What a door refused never became a raw event of ours: only who sent it has the line. */
async function doorHindrances(
  context: JobContext,
  { reason }: Pick<RejectsQuery, 'reason'>,
): Promise<readonly RetryHindrance[]> {
  const engine = await context.engine()
  const rows = await engine.rows(`select door, file, count(*) as rejects from (${await rejectsSql(context)})
    where door <> 'ingest'${reason === undefined ? '' : ` and reason = ${quoted(reason)}`} group by door, file order by file`)
  const why = (door: unknown) =>
    door === 'import'
      ? 'import the file again, only it has the lines'
      : 'the sender was told, only it has the events'
  return rows.map(({ door, file, rejects }) => ({
    file: String(file),
    rejects: Number(rejects),
    why: why(door),
  }))
}
