// The foreign formats, each a file of importers/; a new one is one file there and one line here.
import { hetrecImporter } from './importers/hetrec.ts'
import type { Importer } from './importers/importer.ts'
import { lastfm1kImporter } from './importers/lastfm-1k.ts'
import { listenbrainzImporter } from './importers/listenbrainz.ts'
import { spotifyImporter } from './importers/spotify.ts'
import { tastemakerImporter } from './importers/tastemaker.ts'

/** Every format, in the order in which they are asked whether a file is theirs. */
export const importers: readonly Importer[] = [
  listenbrainzImporter,
  spotifyImporter,
  lastfm1kImporter,
  hetrecImporter,
  tastemakerImporter,
]

/** The first format that a file looks like, by its name and first bytes (packed ones too; 64 KB are plenty); undefined when it is none. */
export function detectImporter(fileName: string, head: Uint8Array): Importer | undefined {
  return importers.find((importer) => importer.accepts(fileName, head))
}
