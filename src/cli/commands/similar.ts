// `tastemaker similar ARTIST`: the artists nearest to one.

import { normalizeName } from '../../data/artist-name.ts'
import { TastemakerError } from '../../errors.ts'
import { readArtists, requireFeatures } from '../../jobs/training-data.ts'
import type { Command } from '../command.ts'
import { withLists } from '../open-lists.ts'
import { withContext } from '../with-context.ts'

/** Prints the artists similar to one, found by id or by name. */
export const similarCommand: Command = {
  name: 'similar',
  summary: 'Print the artists similar to one, by id or name.',
  positionals: [{ name: 'ARTIST', description: 'id or name of the artist.', required: true }],
  options: { limit: { type: 'string', hint: 'N', description: 'How many (default 10).' } },
  async run(invocation) {
    const { options, terminal, words } = invocation
    const artistId = await findArtist(invocation, words[0]!)
    const similar = await withLists(invocation, (reader) => reader.similar(artistId))
    const found = (similar ?? []).slice(0, Number(options.limit ?? 10))
    const rows = found.map(
      ({ name, genre, score }) => `${score.toFixed(3).padStart(7)}  ${name.padEnd(28)}  ${genre ?? ''}\n`,
    )
    terminal.out(
      options.json === true ? `${JSON.stringify(found)}\n` : rows.join('') || 'No similar artists.\n',
    )
  },
}

/** The artist with this id; else the most played one of this name. */
async function findArtist(invocation: Parameters<Command['run']>[0], asked: string): Promise<string> {
  const artists = await withContext(
    invocation,
    async (context) => readArtists(context, await requireFeatures(context)),
    { exclusive: false },
  )
  if (artists.has(asked)) return asked
  const name = normalizeName(asked)
  const [best] = [...artists.values()]
    .filter((artist) => normalizeName(artist.name) === name)
    .sort((a, b) => b.plays - a.plays)
  if (!best) throw new TastemakerError('not-found', `There is no artist with the id or name "${asked}".`)
  return best.artistId
}
