// The worker entry is found in a build too, where all files are .js.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const repository = fileURLToPath(new URL('../..', import.meta.url))
// Below node_modules, so that the built files find their packages.
const dist = await mkdtemp(join(repository, 'node_modules', '.tastemaker-built-'))
afterAll(() => rm(dist, { recursive: true, force: true }))

it('runs a task of a built module on a thread of a built pool', async () => {
  const tsc = join(repository, 'node_modules', '.bin', 'tsc')
  const sources = ['errors.ts', 'engine/open.ts', 'engine/thread.ts'].map((file) => join('src', file))
  const options = ['--outDir', dist, '--rootDir', 'src', '--noEmit', 'false', '--ignoreConfig']
  const settings = ['--module', 'nodenext', '--target', 'es2024', '--types', 'node', '--skipLibCheck']
  const rewriting = ['--rewriteRelativeImportExtensions', '--allowImportingTsExtensions']
  const built = spawnSync(tsc, [...options, ...settings, ...rewriting, ...sources], {
    cwd: repository,
    encoding: 'utf8',
  })
  expect(`${built.stdout}${built.stderr}`).toBe('')
  await writeFile(join(dist, 'package.json'), '{"type":"module"}')
  await writeFile(join(dist, 'task.js'), 'export const double = (value) => value * 2\n')
  const main = join(dist, 'main.js')
  await writeFile(
    main,
    `import { openWorkers } from './engine/open.js'
const workers = openWorkers({ threads: 1 })
console.log(await workers.run({ module: new URL('./task.js', import.meta.url).href, name: 'double', args: 21 }))
`,
  )
  // It is not closed: idle threads must not keep the process.
  const ran = spawnSync(process.execPath, [main], { encoding: 'utf8' })
  expect(ran).toMatchObject({ status: 0, stdout: '42\n', stderr: '' })
})
