// The intake's journal of a data folder: where it lies, and how what it holds reaches the raw events.
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import { type DrainTargets, drainJournal } from '../jobs/drain-journal.ts'
import type { Journal } from '../stores/journal/journal.ts'
import { openJournal } from '../stores/open.ts'

const mebibyte = 1024 * 1024

/** Opens the journal of the data folder. */
export const openIntake = ({ data, intake }: Settings): Promise<Journal> =>
  openJournal(`file:${join(data, 'intake')}`, {
    waitingBytes: intake.waitingMiB * mebibyte,
    storedBytes: intake.journalMiB * mebibyte,
    segmentBytes: intake.segmentMiB * mebibyte,
  })

/** Before a run: moves what servers that are gone have acknowledged into the raw events. */
export async function drainIntake(settings: Settings, targets: DrainTargets): Promise<void> {
  const journal = await openIntake(settings)
  await drainJournal(journal, targets)
  await journal.close()
}
