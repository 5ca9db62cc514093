// `tastemaker recommend USER`: the artists recommended to one listener, with score and reason.
import type { RankedList } from '../../data/ranked-list.ts'
import { decodeList } from '../../serving/list-bytes.ts'
import type { Command } from '../command.ts'
import { withLists } from '../open-lists.ts'

/** Prints a listener's list; a listener nobody knows gets the popular one. */
export const recommendCommand: Command = {
  name: 'recommend',
  summary: 'Print the artists recommended to a listener.',
  positionals: [
    { name: 'USER', description: 'the service’s id of the listener, or a pseudonym.', required: true },
  ],
  options: { limit: { type: 'string', hint: 'N', description: 'How many (default 10).' } },
  async run(invocation) {
    const { options, terminal, words } = invocation
    const list = await withLists(invocation, async (reader, pseudonymize) => {
      const userId = pseudonymize(words[0]!)
      return decodeList((await reader.list(userId)) ?? (await reader.popular())!, userId)
    })
    const artists = list.artists.slice(0, Number(options.limit ?? 10))
    terminal.out(
      options.json === true
        ? `${JSON.stringify({ ...list, artists })}\n`
        : table(list, artists, terminal.tableColumns),
    )
  },
}

/** One artist a line with its reason; in a narrow terminal the reason has a line of its own. */
function table(list: RankedList, artists: RankedList['artists'], columns: number): string {
  const before = columns < 100 ? '\n             ' : '  '
  const rows = artists.map(({ name, score, why }, at) => {
    const shown = columns < 100 ? name : name.padEnd(28)
    return `${String(at + 1).padStart(3)}  ${score.toFixed(3).padStart(6)}  ${shown}${before}${why}\n`
  })
  return `${list.source}, by ${list.model} of ${new Date(list.generatedAt).toISOString()}\n${rows.join('')}`
}
