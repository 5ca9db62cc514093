// The data folder: made at first use, for its owner only, since it holds accounts, listening histories and the secret key.
import { mkdir } from 'node:fs/promises'
import { TastemakerError } from '../errors.ts'

/** Makes the data folder where it is absent. Throws `bad-argument` where it cannot be one. */
export async function makeDataFolder(data: string): Promise<void> {
  try {
    await mkdir(data, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new TastemakerError(
      'bad-argument',
      `${data} cannot be the data folder (${code}); name another with --data.`,
      { cause },
    )
  }
}
