// Draws the house into ARCHITECTURE.md from the imports as they are; with --check, fails when the drawing is not current.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import configuration, { floors } from '../.dependency-cruiser.mjs'

const names = ['errors, log', 'ground', 'nouns and the outside', 'stages', 'what runs', 'doors']
const [begin, end] = ['<!-- picture: npm run picture -->', '<!-- /picture -->']

const roomOf = (path: string): string => path.split('/')[1] ?? ''

/** Rooms that a room imports, by room. */
async function readArrows(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { output } = await cruise(['src'], configuration.options)
  const arrows = new Map<string, Set<string>>()
  for (const module of (output as ICruiseResult).modules.filter(({ source }) => source.startsWith('src/'))) {
    const from = roomOf(module.source)
    const targets = arrows.get(from) ?? new Set()
    arrows.set(from, targets)
    for (const { resolved } of module.dependencies)
      if (resolved.startsWith('src/') && roomOf(resolved) !== from) targets.add(roomOf(resolved))
  }
  return arrows
}

async function countFiles(room: string): Promise<string> {
  if (room.includes('.')) return room
  const files = (await readdir(`src/${room}`, { recursive: true })).filter((file) => file.endsWith('.ts'))
  return `${room} ${files.length}`
}

async function draw(): Promise<string> {
  const arrows = await readArrows()
  const lines: string[] = []
  for (const [at, rooms] of floors.entries()) {
    const level = floors.length - 1 - at
    const here = rooms.filter((room) => arrows.has(room))
    const labels = await Promise.all(here.map(countFiles))
    lines.push(` ${level} ${names[level]!.padEnd(22)} ${labels.join('   ')}`)
    for (const room of here) {
      const seen = arrows.get(room)!
      const below = floors
        .slice(at)
        .flat()
        .filter((other) => seen.has(other))
      if (below.length > 0) lines.push(`${' '.repeat(26)}${room.padEnd(12)} -> ${below.join(' ')}`)
    }
    lines.push('')
  }
  return ['```text', ...lines.slice(0, -1), '```'].join('\n')
}

const file = 'ARCHITECTURE.md'
const text = await readFile(file, 'utf8')
const [head, rest = ''] = text.split(begin)
const current = `${head}${begin}\n${await draw()}\n${end}${rest.split(end)[1] ?? ''}`
if (!process.argv.includes('--check')) await writeFile(file, current)
else if (current !== text) {
  process.stderr.write('The picture in ARCHITECTURE.md is not current: run `npm run picture`.\n')
  process.exitCode = 1
}
