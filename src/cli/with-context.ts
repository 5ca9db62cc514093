// Runs a command's work with everything open and progress shown, and closes it all, whatever happens.
import { join } from 'node:path'
import type { Settings } from '../config.ts'
import type { JobContext } from '../jobs/context.ts'
import { lockFolder } from '../stores/folder-lock.ts'
import type { Invocation } from './command.ts'
import { makeDataFolder } from './data-folder.ts'
import { openContext } from './open-context.ts'
import { createProgressView, silentView } from './progress.ts'
import { settingsOf } from './settings.ts'

/** Work on an open context. */
export type Work<T> = (context: JobContext, settings: Settings) => Promise<T>

/**
 * Opens the stores and runs `work`. With `exclusive`, one such process at a time per data folder:
 * a second one fails with `conflict` and the first one's process id.
 */
export async function withContext<T>(
  invocation: Invocation,
  work: Work<T>,
  options: { readonly exclusive: boolean },
): Promise<T> {
  const settings = await settingsOf(invocation)
  await makeDataFolder(settings.data)
  const lock = options.exclusive ? await lockFolder(join(settings.data, 'run')) : undefined
  const { terminal } = invocation
  const view =
    invocation.options.quiet === true || !options.exclusive
      ? silentView
      : createProgressView(terminal, Date.now)
  try {
    const opened = await openContext(settings, {
      progress: view.progress,
      ...(invocation.options.quiet === true && { writeLog: (line: string) => terminal.note(line) }),
    })
    try {
      return await work(opened.context, settings)
    } finally {
      view.finish()
      await opened.close()
    }
  } finally {
    await lock?.release()
  }
}
