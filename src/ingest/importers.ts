// The foreign formats, each a file of importers/; a new one is one file there and one line here.
import { gorseImporter } from './importers/gorse.ts'
import { hetrecImporter } from './importers/hetrec.ts'
import type { Importer } from './importers/importer.ts'
import { jellyfinImporter } from './importers/jellyfin.ts'
import { lastfmImporter } from './importers/lastfm.ts'
import { lastfm1kImporter } from './importers/lastfm-1k.ts'
import { listenbrainzImporter } from './importers/listenbrainz.ts'
import { metarankImporter } from './importers/metarank.ts'
import { scrobblerLogImporter } from './importers/scrobbler-log.ts'
import { spotifyImporter } from './importers/spotify.ts'
import { tableImporter } from './importers/table.ts'
import { tastemakerImporter } from './importers/tastemaker.ts'

/** Every format, in the order in which they are asked whether a file is theirs. */
export const importers: readonly Importer[] = [
  listenbrainzImporter,
  spotifyImporter,
  jellyfinImporter,
  scrobblerLogImporter,
  lastfm1kImporter,
  hetrecImporter,
  gorseImporter,
  metarankImporter,
  tastemakerImporter,
  lastfmImporter,
  tableImporter,
]

/** The first format that a file looks like, by its name and first bytes (packed ones too; 64 KB are plenty); undefined when it is none. */
export function detectImporter(fileName: string, head: Uint8Array): Importer | undefined {
  return importers.find((importer) => importer.accepts(fileName, head))
}
