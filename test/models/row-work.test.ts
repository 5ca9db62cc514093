// Work over rows on threads: every row once, progress to the end, and an end when it fails or is stopped.
import { describe, expect, it } from 'vitest'
import { openWorkers } from '../../src/engine/open.ts'
import { sharedWholes } from '../../src/models/algorithm.ts'
import { cutRows, overRows } from '../../src/models/row-work.ts'
import { countRows, failAt700 } from './fixtures/row-tasks.ts'
import { ownThread } from './sample.ts'

const module = new URL('./fixtures/row-tasks.ts', import.meta.url).href
const rows = 1500

describe('overRows', () => {
  it.each([0, 1, 3])('reaches every row once with %i threads, and tells how far it is', async (threads) => {
    const workers = openWorkers({ threads })
    const counts = sharedWholes(rows)
    const shares: number[] = []
    const onProgress = (share: number) => shares.push(share)
    await overRows(workers, { module, task: countRows, rows, args: { counts }, onProgress })
    expect(counts.every((count) => count === 1)).toBe(true)
    expect(shares.at(-1)).toBe(1)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    await workers.close()
  })

  it('runs few rows at once, without a worker', async () => {
    const workers = openWorkers({ threads: 1 })
    await workers.close()
    const work = (some: number) => {
      const counts = sharedWholes(rows)
      return overRows(workers, { module, task: countRows, rows: some, args: { counts } })
    }
    await work(64)
    await expect(work(65)).rejects.toMatchObject({ code: 'not-ready' })
    await work(0)
  })

  it('begins no range once it was stopped', async () => {
    const stop = new AbortController()
    const counts = sharedWholes(rows)
    const onProgress = () => stop.abort()
    const work = overRows(ownThread, {
      module,
      task: countRows,
      rows,
      args: { counts },
      onProgress,
      signal: stop.signal,
    })
    await expect(work).rejects.toMatchObject({ code: 'cancelled' })
    expect(counts[0]).toBe(1)
    expect(counts[rows - 1]).toBe(0)
    const again = { module, task: countRows, rows: 1, args: { counts }, signal: stop.signal }
    await expect(overRows(ownThread, again)).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('ends with the error of the range that failed', async () => {
    const counts = sharedWholes(rows)
    const work = overRows(ownThread, { module, task: failAt700, rows, args: { counts } })
    await expect(work).rejects.toThrow('row 700')
    expect(counts[rows - 1]).toBe(0)
  })
})

describe('cutRows', () => {
  it('depends on the rows alone, and the last range may be shorter', () => {
    expect(cutRows(10, 4)).toEqual([
      { from: 0, to: 4 },
      { from: 4, to: 8 },
      { from: 8, to: 10 },
    ])
    expect(cutRows(0, 4)).toEqual([])
  })
})
