// Compiles src/kernels/assembly/*.ts to WebAssembly, each twice (with and without relaxed SIMD), into src/kernels/binaries.
// Does nothing for a file whose sources have not changed since. Binaries are never committed.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

const root = join(import.meta.dirname, '..')
const from = join(root, 'src/kernels/assembly')
const to = join(root, 'src/kernels/binaries')

const compiler = join(root, 'node_modules/assemblyscript/package.json')

const common = [
  '--runtime stub --optimizeLevel 3 --shrinkLevel 0 --converge --noAssert --noExportMemory',
  '--importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536',
  '--enable threads --enable simd --enable bulk-memory',
].flatMap((line) => line.split(' '))

/** The compiler is a development dependency: without it, what was built before is used. */
const asc = await import('assemblyscript/asc').then(
  (module) => module.default,
  () => undefined,
)

async function compile(file: string, flags: readonly string[]): Promise<string> {
  if (!asc)
    throw new Error(
      `${file} is not built and assemblyscript is not installed: run npm ci with development dependencies.`,
    )
  let binary: Uint8Array | undefined
  const { error, stderr } = await asc.main([file, ...common, ...flags, '--outFile', 'out.wasm'], {
    readFile: (name, folder) => readFile(join(folder, name), 'utf8').catch(() => null),
    writeFile: (name, contents) => {
      if (name === 'out.wasm') binary = contents as Uint8Array
    },
  })
  if (error || !binary) throw new Error(`${file} does not compile: ${error?.message}\n${stderr}`)
  return Buffer.from(binary).toString('base64')
}

/** Every source that a binary depends on, as one hash: its own file, the shared ones, this script and the compiler. */
async function fingerprint(file: string): Promise<string> {
  const shared = (await readdir(join(from, 'inline'))).sort().map((name) => join(from, 'inline', name))
  const hash = createHash('sha256')
  for (const path of [join(from, file), ...shared, import.meta.filename, compiler])
    hash.update(await readFile(path).catch(() => ''))
  return hash.digest('hex')
}

await mkdir(to, { recursive: true })
const sources = (await readdir(from)).filter((name) => name.endsWith('.ts')).sort()
for (const old of await readdir(to)) if (!sources.includes(old)) await rm(join(to, old))
for (const file of sources) {
  const [out, stamp] = [join(to, file), `// Made by npm run build:kernels from ${await fingerprint(file)}.`]
  const before = await readFile(out, 'utf8').catch(() => '')
  if (before.startsWith(stamp) || (!asc && before !== '')) continue
  const path = `src/kernels/assembly/${file}`
  const strict = await compile(path, [])
  const relaxed = await compile(path, ['--enable', 'relaxed-simd'])
  const text = `${stamp}\n/** WebAssembly in base64, with and without relaxed SIMD. */\nexport const ${basename(file, '.ts').replaceAll('-', '')} = { relaxed: '${relaxed}', strict: '${strict}' } as const\n`
  await writeFile(`${out}.${process.pid}.tmp`, text)
  await rename(`${out}.${process.pid}.tmp`, out)
  process.stderr.write(`built ${path}: ${Math.round((relaxed.length * 3) / 4 / 1024)} KiB\n`)
}
