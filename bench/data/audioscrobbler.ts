// The Audioscrobbler sample of 2005: artist names with plays, and the aliases that its editors listed; found beside the repository.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogueArtist } from '../../src/data/artist-identity.ts'

/** The catalogue and the pairs (an alias and the artist it means). */
export type AliasData = {
  readonly catalogue: readonly CatalogueArtist[]
  readonly aliases: readonly (readonly [alias: string, artist: string])[]
}

/**
 * Reads the sample. Damaged rows (no id, no name) are left out, and so are aliases of an artist to itself and to one that the catalogue lacks.
 * @param folder the shared folder, see README
 */
export async function readAliasData(folder: string): Promise<AliasData> {
  const lines = async (file: string) =>
    (await readFile(join(folder, 'data/audioscrobbler-2005-top50', file), 'utf8')).split('\n')
  const plays = new Map<string, number>()
  for (const line of await lines('user_artist_data_small.txt')) {
    const [, artist = '', count] = line.trim().split(' ')
    plays.set(artist, (plays.get(artist) ?? 0) + Number(count))
  }
  const catalogue = (await lines('artist_data_small.txt')).flatMap((line): CatalogueArtist[] => {
    const [artistId = '', name = ''] = line.split('\t')
    return /^\d+$/.test(artistId) && name.trim() !== ''
      ? [{ artistId, name: name.trim(), plays: plays.get(artistId) ?? 0 }]
      : []
  })
  const known = new Set(catalogue.map(({ artistId }) => artistId))
  const aliases = (await lines('artist_alias_small.txt')).flatMap((line): [string, string][] => {
    const [alias = '', artist = ''] = line.trim().split('\t')
    return alias !== artist && known.has(alias) && known.has(artist) ? [[alias, artist]] : []
  })
  return { catalogue, aliases }
}
