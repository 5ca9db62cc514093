// For commands that only read the published lists: no locks, nothing else opened.
import { TastemakerError } from '../errors.ts'
import { createPseudonymizer } from '../ingest/pseudonym.ts'
import { type ListReader, openListReader } from '../serving/list-reader.ts'
import { openLists } from '../stores/open.ts'
import type { Invocation } from './command.ts'
import { readPseudonymKey } from './pseudonym-key.ts'
import { settingsOf } from './settings.ts'

/** Opens the list reader, asks, and closes. Throws `not-ready` before the first publication. */
export async function withLists<T>(
  invocation: Invocation,
  ask: (reader: ListReader, pseudonymize: (id: string) => string) => Promise<T>,
): Promise<T> {
  const settings = await settingsOf(invocation)
  const lists = await openLists(settings.listsUrl)
  try {
    const reader = openListReader(lists)
    if (!(await reader.current()))
      throw new TastemakerError('not-ready', 'No lists are published yet: run `tastemaker run` first.')
    return await ask(
      reader,
      createPseudonymizer(settings.pseudonymKey || (await readPseudonymKey(settings.data))),
    )
  } finally {
    await lists.close()
  }
}
