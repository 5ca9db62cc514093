// Reads the split files of a bench: those of the shared folder by name, any other by path.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FixedSplit, readSplit } from '../../src/evaluation/split-file.ts'

/** Paths of the parts. */
export type SplitPaths = {
  readonly train: string
  readonly test: string
  readonly validation?: string | undefined
}

/** The split at these paths; faults in the files throw with file and line, a leak with its cells. */
export async function splitAt({ train, test, validation }: SplitPaths): Promise<FixedSplit> {
  return readSplit({
    train: await readFile(train),
    test: await readFile(test),
    ...(validation && { validation: await readFile(validation) }),
  })
}

/** A split of the shared data folder. */
export function sharedSplit(name: string): Promise<FixedSplit> {
  const folder = join(sharedData(), name)
  return splitAt({ train: join(folder, 'train.txt'), test: join(folder, 'test.txt') })
}

/** The folder of the shared data sets. */
export const sharedData = (): string => join(process.env.TASTEMAKER_SHARED ?? '../shared', 'data')
