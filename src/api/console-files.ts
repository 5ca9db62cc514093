// The files of the page, read once from the package's console/ folder.
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ApiContext, ConsoleFile } from './context.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The page's folder: beside `src/` in a checkout, and beside `dist/` in an installed package. */
export const consoleFolder = fileURLToPath(new URL('../../console/', import.meta.url))

/**
 * Reads the page into memory and answers from there, so that no path of a request ever reaches the file system.
 * `/` is `index.html`. Files of other types are not served.
 */
export async function openConsoleFiles(
  folder = consoleFolder,
): Promise<NonNullable<ApiContext['consoleFiles']>> {
  const names = (await readdir(folder)).filter((name) => extname(name) in types)
  const files = new Map<string, ConsoleFile>()
  for (const name of names)
    files.set(`/${name}`, { bytes: await readFile(join(folder, name)), type: types[extname(name)]! })
  return async (path) => files.get(path === '/' ? '/index.html' : path)
}
