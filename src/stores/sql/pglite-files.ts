// The files of an embedded Postgres, synced to the disk when it asks for it.
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { NodeFS } from '@electric-sql/pglite/nodefs'

type OpenFile = { readonly nfd?: number; readonly node: unknown }
type NodeFiles = {
  readonly realPath: (node: unknown) => string
  readonly stream_ops: { fsync?: (file: OpenFile) => number }
}

/** PGlite's own files in a folder, except that fsync reaches the disk; as it comes, PGlite answers it and does nothing. */
export function durableFiles(folder: string): NodeFS {
  const files = new NodeFS(folder)
  const init = files.init.bind(files)
  files.init = async (database, options) => {
    const { emscriptenOpts } = await init(database, options)
    const preRun = [emscriptenOpts.preRun ?? []].flat()
    preRun.unshift((module) => syncThrough(module.NODEFS as unknown as NodeFiles))
    return { emscriptenOpts: { ...emscriptenOpts, preRun } }
  }
  return files
}

function syncThrough(nodeFiles: NodeFiles): void {
  nodeFiles.stream_ops.fsync = ({ nfd, node }) => {
    if (nfd !== undefined) fsyncSync(nfd)
    else syncPath(nodeFiles.realPath(node))
    return 0
  }
}

/** A folder: only files have a descriptor of their own. */
function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Makes a folder and all below it durable. */
export async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? syncTree(path) : syncOne(path)
    }),
  )
  await syncOne(folder)
}

async function syncOne(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
