// `tastemaker token`: prints the token with which a listener's programs send listens, or revokes it.
import { join } from 'node:path'
import { TastemakerError } from '../../errors.ts'
import { lockFolder } from '../../stores/folder-lock.ts'
import type { Command } from '../command.ts'
import { makeDataFolder } from '../data-folder.ts'
import { openTokens, revokeTokens } from '../listener-tokens.ts'
import { settingsOf } from '../settings.ts'

const longestId = 256

/** Prints a listener's token. */
export const tokenCommand: Command = {
  name: 'token',
  summary: 'Print a listener’s token for ListenBrainz, Last.fm and Subsonic programs.',
  positionals: [{ name: 'USER', description: 'Your id of the listener.', required: true }],
  options: {
    revoke: { type: 'boolean', description: 'Make the tokens printed so far invalid, and print a new one.' },
  },
  async run(invocation) {
    const { words, options, terminal } = invocation
    const { data } = await settingsOf(invocation)
    const user = words[0]!.trim()
    if (user === '' || user.length > longestId)
      throw new TastemakerError('bad-argument', `A listener's id has 1 to ${longestId} characters.`)
    await makeDataFolder(data)
    if (options.revoke === true) {
      const lock = await lockFolder(join(data, 'tokens'))
      await revokeTokens(data, user).finally(() => lock.release())
    }
    const token = await (await openTokens(data, Date.now)).tokenOf(user)
    terminal.out(options.json === true ? `${JSON.stringify({ token })}\n` : `${token}\n`)
  },
}
