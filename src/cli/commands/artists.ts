// `tastemaker artists list | merge A B | split A`: which artist ids mean the same artist, and a person's word on it.
import type { Identity } from '../../data/artist-identity.ts'
import { TastemakerError } from '../../errors.ts'
import type { JobContext } from '../../jobs/context.ts'
import { addDecision, readDecisions, readIdentities } from '../../jobs/identity.ts'
import type { Command, Invocation } from '../command.ts'
import { withContext } from '../with-context.ts'

/** Shows and corrects artist identity. A correction holds for good and takes effect with the next run. */
export const artistsCommand: Command = {
  name: 'artists',
  summary: 'List artist ids merged into one; merge two, or split one off for good.',
  positionals: [
    { name: 'ACTION', description: 'list, merge or split.', required: true },
    {
      name: 'ARTIST',
      description: 'id of the artist to merge or split; of a list: of the rows wanted.',
      required: false,
    },
    { name: 'INTO', description: 'id of the artist that it is.', required: false },
  ],
  options: {
    rule: {
      type: 'string',
      hint: 'RULE',
      description: 'List what this rule merged only: same-name, alike, ...',
    },
    limit: { type: 'string', hint: 'N', description: 'List so many at most (default 50; all with --json).' },
  },
  async run(invocation) {
    const [action, artistId, into] = invocation.words
    if (action === 'list') return list(invocation, artistId)
    if (action === 'merge' && artistId !== undefined && into !== undefined)
      return decide(invocation, (at) => ({ kind: 'merge', artistId, into, at }))
    if (action === 'split' && artistId !== undefined && into === undefined)
      return decide(invocation, (at) => ({ kind: 'split', artistId, at }))
    throw new TastemakerError(
      'bad-argument',
      'Say `tastemaker artists list [ARTIST]`, `tastemaker artists merge ARTIST INTO` or `tastemaker artists split ARTIST`.',
    )
  },
}

type Decide = (at: number) => Parameters<typeof addDecision>[1]

async function decide(
  { words: [action, artistId, into], ...invocation }: Invocation,
  make: Decide,
): Promise<void> {
  if (artistId === into)
    throw new TastemakerError('bad-argument', `The artist ${artistId} cannot be merged into itself.`)
  const work = async (context: JobContext) => {
    const decision = make(context.now())
    await addDecision(context, decision)
    return decision
  }
  const words = [action!, artistId!, ...(into === undefined ? [] : [into])]
  const decision = await withContext({ ...invocation, words }, work, { exclusive: true })
  const said = into === undefined ? `${artistId} stays an artist of its own` : `${artistId} is ${into}`
  const { terminal, options } = invocation
  terminal.out(options.json === true ? `${JSON.stringify(decision)}\n` : `From the next run on, ${said}.\n`)
}

async function list(invocation: Invocation, artistId: string | undefined): Promise<void> {
  const { options, terminal } = invocation
  const { rows, decisions } = await withContext(
    invocation,
    async (context) => ({
      rows: await readIdentities(context),
      decisions: await readDecisions(context.objects),
    }),
    { exclusive: false },
  )
  const wanted = rows.filter(
    (row) =>
      (options.rule === undefined || row.rule === options.rule) &&
      (artistId === undefined || row.artistId === artistId || row.canonicalId === artistId),
  )
  if (options.json === true) {
    terminal.out(`${JSON.stringify({ identities: wanted, decisions })}\n`)
    return
  }
  const limit = Number(options.limit ?? 50)
  const shown = wanted.slice(0, limit)
  terminal.out(table(shown, terminal.tableColumns))
  const left = wanted.length - shown.length
  terminal.out(
    `${wanted.length.toLocaleString('en')} merged, ${decisions.length} decided by hand${left > 0 ? `; ${left} not shown, see --limit` : ''}\n`,
  )
}

/** One row an id: what it is, by which rule, how sure; ids too long for the terminal are cut. */
function table(rows: readonly Identity[], columns: number): string {
  const width = Math.max(16, Math.min(44, Math.floor((columns - 40) / 2)))
  const cell = (text: string) => (text.length > width ? `${text.slice(0, width - 1)}…` : text).padEnd(width)
  const lines = rows.map(
    ({ artistId, canonicalId, rule, score, decidedAt }) =>
      `${cell(artistId)}  ${cell(canonicalId)}  ${rule.padEnd(12)}  ${score.toFixed(2)}  ${new Date(decidedAt).toISOString().slice(0, 10)}\n`,
  )
  const head = `${cell('artist')}  ${cell('is')}  ${'rule'.padEnd(12)}  sure  since\n`
  return rows.length === 0 ? '' : head + lines.join('')
}
