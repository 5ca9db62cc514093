// Copies the newest rows of a feature view from the object store to the list store, a slice at a time.
import { quoted } from '../engine/engine.ts'
import {
  type OnlineRow,
  removeOlderRows,
  removeOtherVersions,
  writeOnlineRows,
} from '../features/online-rows.ts'
import type { RegisteredView } from '../features/registry.ts'
import type { JobContext } from './context.ts'
import type { Snapshot } from './feature-store.ts'

const sliceSize = 2000

/**
 * Writes a whole snapshot online and removes what it no longer has, and other versions of the view. Readers see old and new
 * rows side by side while it runs, each with its own time. Pushed rows stay.
 * @returns rows written
 */
export async function publishOnline(
  context: JobContext,
  view: RegisteredView,
  snapshot: Snapshot,
): Promise<number> {
  let written = 0
  for await (const rows of readSlices(context, view, snapshot))
    written += await writeOnlineRows(context.lists, view, rows)
  await removeOlderRows(context.lists, view, snapshot)
  await removeOtherVersions(context.lists, view)
  return written
}

/** Rows of a snapshot with their ids, in order of the ids. */
export async function* readSlices(
  context: Pick<JobContext, 'objects' | 'engine'>,
  view: RegisteredView,
  snapshot: Snapshot,
): AsyncIterable<readonly (readonly [ids: readonly string[], row: OnlineRow])[]> {
  if (snapshot.key === undefined) return
  const engine = await context.engine()
  const path = await context.objects.localFile(snapshot.key)
  const { joinKeys } = view.entity
  const fields = view.features.map(({ name }) => `${quoted(name)}: ${name}`).join(', ')
  // As JSON text: the engine writes nested lists far faster than its client hands them over value by value.
  await engine.run(`create or replace temp view online_rows as select to_json([${joinKeys.join(', ')}])::varchar as ids,
    to_json({${fields}})::varchar as feature_values, event_timestamp, created_timestamp, file_row_number as place
    from read_parquet(${quoted(path)}, file_row_number = true)`)
  for (let from = 0; from < snapshot.rows; from += sliceSize) {
    const rows = await engine.rows(
      `select * from online_rows where place >= ${from} and place < ${from + sliceSize} order by place`,
    )
    yield rows.map((row) => [
      JSON.parse(String(row.ids)) as string[],
      {
        eventTimestamp: Number(row.event_timestamp),
        createdTimestamp: Number(row.created_timestamp),
        values: JSON.parse(String(row.feature_values)) as OnlineRow['values'],
      },
    ])
  }
}
