// The intake's journal of a data folder: where it lies, and how what it holds reaches the raw events.
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import { drainJournal } from '../jobs/drain-journal.ts'
import type { Journal } from '../stores/journal/journal.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'
import { openJournal } from '../stores/open.ts'

/** Opens the journal of the data folder. */
export const openIntake = (settings: Settings): Promise<Journal> =>
  openJournal(`file:${join(settings.data, 'intake')}`)

/** Before a run: moves what servers that are gone have acknowledged into the raw events. */
export async function drainIntake(settings: Settings, rawEvents: ObjectStore): Promise<void> {
  const journal = await openIntake(settings)
  await drainJournal(journal, rawEvents)
  await journal.close()
}
