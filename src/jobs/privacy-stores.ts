// Renames or removes people in Postgres and in the list store.
import type { ListEntry, ListStore } from '../stores/lists/list-store.ts'
import type { Sql } from '../stores/sql/sql.ts'
import { changedText, type PeopleChange, personIn } from './people.ts'

/** Rows of `click_event` that were renamed or removed; in one transaction. */
export async function changePeopleInSql(sql: Sql, change: PeopleChange): Promise<number> {
  const [table] = await sql.query("select to_regclass('click_event')::text as found")
  if (table?.found == null) return 0
  return sql.transaction(async (session) => {
    const rows = change.only
      ? await session.query(
          'select user_id, count(*) as n from click_event where user_id = any($1) group by user_id',
          [change.only],
        )
      : await session.query('select user_id, count(*) as n from click_event group by user_id')
    let changed = 0
    for (const { user_id, n } of rows) {
      const was = String(user_id)
      const now = change.to(was)
      if (now === was) continue
      changed += Number(n)
      if (now === undefined) await session.query('delete from click_event where user_id = $1', [was])
      else await session.query('update click_event set user_id = $2 where user_id = $1', [was, now])
    }
    return changed
  })
}

/** Removes every list, profile and online feature of the people whom a change concerns. Resolves to how many entries went. */
export async function dropPeopleFromLists(lists: ListStore, change: PeopleChange): Promise<number> {
  let removed = 0
  for await (const key of keysOf(lists)) {
    const person = personIn(key)
    if (person !== undefined && change.to(person) !== person) removed += await lists.deletePrefix(key)
  }
  return removed
}

/**
 * Puts every entry of a renamed person under the new name as well. The old one stays until the next publications replace it:
 * a server that has not heard of the new key yet still answers. Resolves to how many were added.
 */
export async function copyListsToNewNames(lists: ListStore, change: PeopleChange): Promise<number> {
  let added = 0
  let batch: ListEntry[] = []
  const flush = async () => {
    await lists.putMany(batch)
    added += batch.length
    batch = []
  }
  for await (const key of keysOf(lists)) {
    const person = personIn(key)
    const next = person === undefined ? person : change.to(person)
    if (next === undefined || next === person) continue
    const value = await lists.get(key)
    if (value)
      batch.push([
        key.replace(person!, next),
        Buffer.from(changedText(Buffer.from(value).toString(), change).text),
      ])
    if (batch.length >= entriesPerBatch) await flush()
  }
  await flush()
  return added
}

/** Whatever names somebody in the list store. */
export async function* entriesOf(lists: ListStore, pseudonym: string): AsyncIterable<ListEntry> {
  for await (const key of keysOf(lists)) {
    const value = personIn(key) === pseudonym ? await lists.get(key) : undefined
    if (value) yield [key, value]
  }
}

const keysPerPage = 10_000
const entriesPerBatch = 1000

async function* keysOf(lists: ListStore): AsyncIterable<string> {
  let after: string | undefined
  for (;;) {
    const page = await lists.keys('', { limit: keysPerPage, ...(after !== undefined && { after }) })
    yield* page
    after = page.at(-1)
    if (after === undefined || page.length < keysPerPage) return
  }
}
