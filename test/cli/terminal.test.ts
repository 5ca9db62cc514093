import { expect, test } from 'vitest'
import { evaluationTable } from '../../src/cli/evaluation-table.ts'
import { barLine, createProgressView } from '../../src/cli/progress.ts'
import type { Terminal } from '../../src/cli/terminal.ts'

function paper(change: Partial<Terminal> = {}): Terminal & { readonly notes: string[] } {
  const notes: string[] = []
  return {
    out: () => {},
    note: (text) => notes.push(text),
    interactive: false,
    columns: 80,
    tableColumns: 120,
    style: (_, text) => text,
    ...change,
    notes,
  }
}

const figure = (metric: string, of: string, value: number) => ({
  metric: `temporal/${metric}@10`,
  of,
  value,
  low: value - 0.01,
  high: value + 0.01,
  unit: 'share',
})
const report = {
  name: 'evaluate',
  createdAt: 0,
  summary: '',
  notes: [
    'als minus popularity, NDCG per listener: 0.1000 and quite a few words more so that the line must break somewhere.',
  ],
  figures: ['ndcg', 'recall', 'hitRate', 'coverage'].flatMap((metric) => [
    figure(metric, 'popularity', 0.05),
    figure(metric, 'als', 0.15),
  ]),
}

test.each([48, 60, 78, 100, 200])(
  'the table fits into %i columns, best model first, popularity beside it',
  (tableColumns) => {
    const lines = evaluationTable(report, paper({ tableColumns })).split('\n')
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(tableColumns)
    expect(lines[2]).toMatch(/^ {2}als +0\.1500.*3\.00x/)
    expect(lines[3]).toMatch(/^ {2}popularity +0\.0500.*1\.00x/)
  },
)

test('a wide table has every metric and the interval', () => {
  expect(evaluationTable(report, paper())).toMatch(
    /als .*0\.1500 +0\.1500 +0\.1500 +0\.1500 +3\.00x {2}0\.1400 to 0\.1600/,
  )
})

test.each([40, 80, 200])('a bar fits into %i columns', (columns) => {
  const stage = {
    startedAt: 0,
    share: 0.5,
    detail: 'a rather long account of what is being done at this very moment',
  }
  const line = barLine('evaluate', stage, { terminal: paper({ columns }), now: 12_300 })
  expect(line).toContain('50%')
  expect(line).toContain('12.3 s')
  expect(line.length).toBeLessThanOrEqual(Math.max(columns, 44))
})

test('a log gets one line when a job begins and one when it ends', () => {
  const terminal = paper()
  let now = 0
  const { progress, finish } = createProgressView(terminal, () => now)
  progress('train', 0, 'reading')
  now = 1000
  progress('train', 0.5, 'als')
  now = 2500
  progress('train', 1, '5 models')
  finish()
  expect(terminal.notes).toEqual(['train: started\n', 'train: done in 2.5 s, 5 models\n'])
})
