// `tastemaker rejects`: which lines were rejected and why; with --retry, reads them again after a fix.
import { rejectReasons } from '../../data/reject.ts'
import { TastemakerError } from '../../errors.ts'
import { findRejects, type RejectsQuery, retryRejects } from '../../jobs/rejects.ts'
import type { Command, Invocation } from '../command.ts'
import { rejectsTable, retryTable } from '../rejects-table.ts'
import { withContext } from '../with-context.ts'

/** Shows the rejects, or tries them again. */
export const rejectsCommand: Command = {
  name: 'rejects',
  summary: 'Show which lines were rejected and why; --retry reads them again after a fix.',
  positionals: [],
  options: {
    reason: { type: 'string', hint: 'REASON', description: 'Only rejects with this reason.' },
    file: { type: 'string', hint: 'TEXT', description: 'Only rejects of files whose name holds this.' },
    limit: { type: 'string', hint: 'N', description: 'Examples shown, at most 1,000 (default 10).' },
    retry: {
      type: 'boolean',
      description: 'Read the raw lines again with today’s code and settings; land what passes.',
    },
  },
  async run(invocation) {
    const query = readQuery(invocation)
    const { terminal, options } = invocation
    if (options.retry === true) {
      const outcome = await withContext(invocation, (context) => retryRejects(context, query), {
        exclusive: true,
      })
      terminal.out(options.json === true ? `${JSON.stringify(outcome)}\n` : retryTable(outcome, terminal))
      return
    }
    const found = await withContext(invocation, (context) => findRejects(context, query), {
      exclusive: false,
    })
    terminal.out(options.json === true ? `${JSON.stringify(found)}\n` : rejectsTable(found, terminal))
  },
}

function readQuery({ options }: Invocation): RejectsQuery {
  const { reason, file, limit = '10', retry } = options
  if (reason !== undefined && !(rejectReasons as readonly unknown[]).includes(reason))
    throw new TastemakerError(
      'bad-argument',
      `--reason is ${String(reason)}; known are ${rejectReasons.join(', ')}.`,
    )
  if (!/^\d{1,4}$/.test(String(limit)) || Number(limit) > 1000)
    throw new TastemakerError('bad-argument', `--limit takes a number up to 1,000; it is ${String(limit)}.`)
  if (retry === true && file !== undefined)
    throw new TastemakerError('bad-argument', '--retry goes by --reason; it does not take --file.')
  return { reason: reason as string | undefined, file: file as string | undefined, limit: Number(limit) }
}
