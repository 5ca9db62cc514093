// `tastemaker privacy`: what is kept about a person, taking a person out, and a new key for the pseudonyms.
import { randomUUID } from 'node:crypto'
import { open } from 'node:fs/promises'
import { TastemakerError } from '../../errors.ts'
import { createPseudonymizer } from '../../ingest/pseudonym.ts'
import type { JobContext } from '../../jobs/context.ts'
import { writeDocument } from '../../jobs/documents.ts'
import { noteErasure } from '../../jobs/erasures.ts'
import { privacyJob } from '../../jobs/privacy.ts'
import { exportPerson } from '../../jobs/privacy-export.ts'
import { copyListsToNewNames } from '../../jobs/privacy-stores.ts'
import { runJobs } from '../../jobs/run.ts'
import type { Command, Invocation } from '../command.ts'
import { drainIntake } from '../intake.ts'
import { addPseudonymKey, nextPseudonymKeys } from '../pseudonym-key.ts'
import { withContext } from '../with-context.ts'

/** Answers a person's requests, and the operator's for a new key. */
export const privacyCommand: Command = {
  name: 'privacy',
  summary: 'Export or erase a person in every store, or change the pseudonym key.',
  positionals: [
    { name: 'ACTION', description: 'export, erase or rekey.', required: true },
    {
      name: 'USER',
      description: 'export, erase: the service’s id of the person, or a pseudonym.',
      required: false,
    },
  ],
  options: {
    out: {
      type: 'string',
      hint: 'FILE',
      description: 'export: a new file for its owner only (default: standard output).',
    },
  },
  async run(invocation) {
    const [action, user] = invocation.words
    if (action === 'export') return exportOne(invocation, personOf(user))
    if (action === 'erase') return eraseOne(invocation, personOf(user))
    if (action === 'rekey') return rekey(invocation)
    throw new TastemakerError(
      'bad-argument',
      `privacy does not know "${action}"; it knows export, erase and rekey.`,
    )
  },
}

function personOf(user: string | undefined): string {
  if (user !== undefined && user.trim() !== '') return user
  throw new TastemakerError(
    'bad-argument',
    'Whose data? Give the service’s id of the person, or a pseudonym.',
  )
}

const pseudonymOf = (context: JobContext, user: string): string =>
  createPseudonymizer(context.pseudonymKey)(user)

async function exportOne(invocation: Invocation, user: string): Promise<void> {
  const found = await withContext(
    invocation,
    async (context, settings) => {
      await drainIntake(settings, context)
      return exportPerson(context, pseudonymOf(context, user))
    },
    { exclusive: true },
  )
  const text = `${JSON.stringify(found, null, 2)}\n`
  const { out } = invocation.options
  if (typeof out !== 'string') return invocation.terminal.out(text)
  const file = await open(out, 'wx', 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new TastemakerError('bad-argument', `${out} cannot be written (${cause.code}); name a new file.`, {
      cause,
    })
  })
  await file.writeFile(text)
  await file.close()
  invocation.terminal.out(`Written to ${out}.\n`)
}

/** Takes a person out of every store, and leaves a receipt without personal data. */
async function eraseOne(invocation: Invocation, user: string): Promise<void> {
  const receipt = await withContext(
    invocation,
    async (context, settings) => {
      await drainIntake(settings, context)
      const erasedAt = context.now()
      await noteErasure(context.objects, { userId: pseudonymOf(context, user), erasedAt })
      const [record] = await runJobs([privacyJob], context)
      const made = {
        receipt: randomUUID(),
        erasedAt: new Date(erasedAt).toISOString(),
        removed: record?.counts ?? {},
      }
      await writeDocument(context.objects, `privacy/receipts/${made.receipt}.json`, made)
      return made
    },
    { exclusive: true },
  )
  invocation.terminal.out(
    invocation.options.json === true ? `${JSON.stringify(receipt)}\n` : receiptText(receipt),
  )
}

type Receipt = {
  readonly receipt: string
  readonly erasedAt: string
  readonly removed: Readonly<Record<string, number>>
}

const receiptText = ({ receipt, erasedAt, removed }: Receipt): string =>
  `${[
    `Erased at ${erasedAt}, receipt ${receipt}.`,
    `  rows of tables        ${removed.rows ?? 0} in ${removed.tables ?? 0} files`,
    `  rows in Postgres      ${removed.sqlRows ?? 0}`,
    `  lists and profiles    ${removed.listEntries ?? 0}`,
    `  raw lines             ${removed.rawLines ?? 0}, ${removed.rawObjects ?? 0} objects of ours rewritten`,
    `  texts                 ${removed.texts ?? 0}`,
    ...(removed.foreignObjects
      ? [
          `${removed.foreignObjects} raw objects of the service name the person as well. They are the service’s to change;`,
          'events up to now are dropped whenever they are read again.',
        ]
      : []),
    'The account row is the service’s: delete it there. Models forget with the next run.',
  ].join('\n')}\n`

/** Adds a key of the data folder, then brings every store to it. */
async function rekey(invocation: Invocation): Promise<void> {
  const record = await withContext(
    invocation,
    async (context, settings) => {
      if (settings.pseudonymKey !== '')
        throw new TastemakerError(
          'bad-argument',
          'The key is a setting here: add a line with a new key below the old one there, restart, and the next run brings every store to it.',
        )
      const keys = await nextPseudonymKeys(settings.data)
      await copyListsToNewNames(context.lists, { to: createPseudonymizer(keys) })
      await addPseudonymKey(settings.data, keys)
      const [made] = await runJobs([privacyJob], { ...context, pseudonymKey: keys })
      return made
    },
    { exclusive: true },
  )
  const counts = record?.counts ?? {}
  invocation.terminal.out(
    invocation.options.json === true
      ? `${JSON.stringify(counts)}\n`
      : `New key. Renamed ${counts.rekeyedRows ?? 0} rows in ${counts.rekeyedTables ?? 0} files and ${counts.rekeyedSqlRows ?? 0} rows in Postgres.\nThe next run publishes lists under it.\n`,
  )
}
