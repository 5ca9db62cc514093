// Feature rows and rows to join as tables in an engine, and the join by brute force: for the tests of the feature store.
import type { Engine } from '../../src/engine/engine.ts'
import type { FeatureView } from '../../src/features/feature-view.ts'

/** A view of one entity with one number and one text. */
export const plainView = (ttlSeconds: number | null = null): FeatureView => ({
  name: 'plain',
  entity: { name: 'thing', joinKeys: ['thing_id'], description: 'A thing of the tests.' },
  features: [
    { name: 'score', dtype: 'double', description: 'A number of the tests.' },
    { name: 'label', dtype: 'string', description: 'A text of the tests.' },
  ],
  description: 'A view of the tests.',
  owner: 'tests',
  source: 'nothing',
  ttlSeconds,
  online: true,
  recorded: true,
  sql: () => 'select null as thing_id, null as score, null as label where false',
})

/** A stored row. Times in ms. */
export type Row = {
  readonly id: string
  readonly event: number
  readonly created: number
  readonly sequence: number
  readonly score: number | null
}

/** A row to join. */
export type Asked = { readonly id: string | null; readonly at: number }

/** The stored rows as a table. */
export async function createRows(engine: Engine, name: string, rows: readonly Row[]): Promise<void> {
  await engine.run(`create or replace table ${name} (thing_id varchar, score double, label varchar,
    event_timestamp bigint, created_timestamp bigint, sequence bigint)`)
  if (rows.length === 0) return
  const values = rows.map(
    (row) => `('${row.id}', ${row.score}, 'at ${row.event}', ${row.event}, ${row.created}, ${row.sequence})`,
  )
  await engine.run(`insert into ${name} values ${values.join(', ')}`)
}

/** The rows to join as a table, numbered. */
export async function createAsked(engine: Engine, name: string, asked: readonly Asked[]): Promise<void> {
  await engine.run(
    `create or replace table ${name} (number integer, thing_id varchar, event_timestamp bigint)`,
  )
  if (asked.length === 0) return
  const values = asked.map(({ id, at }, number) => `(${number}, ${id === null ? 'null' : `'${id}'`}, ${at})`)
  await engine.run(`insert into ${name} values ${values.join(', ')}`)
}

/** The join, one row at a time, as its definition reads. */
export function bruteForce(
  rows: readonly Row[],
  asked: readonly Asked[],
  options: { readonly ttlMs: number | null; readonly creation: 'honoured' | 'ignored' },
): readonly (Row | undefined)[] {
  return asked.map(({ id, at }) => {
    const oldest = options.ttlMs === null ? Number.NEGATIVE_INFINITY : at - options.ttlMs
    const offered = rows
      .filter((row) => row.id === id && row.event <= at && row.event > oldest)
      .filter((row) => options.creation === 'ignored' || row.created <= at)
    return offered.reduce<Row | undefined>((best, row) => (best && !later(row, best) ? best : row), undefined)
  })
}

const later = (row: Row, than: Row): boolean => {
  if (row.event !== than.event) return row.event > than.event
  if (row.created !== than.created) return row.created > than.created
  return row.sequence > than.sequence
}
