// Worker threads and the calling thread run tasks alike.
import { afterAll, describe, expect, it } from 'vitest'
import { openWorkers, processorCount } from '../../src/engine/open.ts'

const module = new URL('./fixtures/tasks.ts', import.meta.url).href
const task = (name: string, args?: unknown) => ({ module, name, args })

describe.each([
  ['two threads', 2],
  ['the calling thread', 0],
])('workers: %s', (_, threads) => {
  const workers = openWorkers({ threads })
  afterAll(() => workers.close())

  it('run an exported function with its arguments', async () => {
    expect(workers.threads).toBe(Math.max(1, threads))
    const sums = await Promise.all(
      Array.from({ length: 20 }, (_unused, left) => workers.run(task('add', { left, right: 1 }))),
    )
    expect(sums).toEqual(Array.from({ length: 20 }, (_unused, left) => left + 1))
  })

  it('share arrays over shared memory', async () => {
    const shared = new Float64Array(new SharedArrayBuffer(80))
    await workers.run(task('fill', shared))
    expect(shared).toEqual(new Float64Array(new SharedArrayBuffer(80)).fill(7))
  })

  it('do not share other arrays', async () => {
    const own = new Float64Array(3)
    await workers.run(task('fill', own))
    expect(own).toEqual(new Float64Array(3))
  })

  it('pass reports on, in order, before the result', async () => {
    const heard: unknown[] = []
    expect(await workers.run(task('count', 3), (message) => heard.push(message))).toBe('done')
    expect(heard).toEqual([{ at: 1 }, { at: 2 }, { at: 3 }])
  })

  it('keep the code of an error', async () => {
    await expect(workers.run(task('refuse', 'seen: 3'))).rejects.toMatchObject({
      name: 'TastemakerError',
      code: 'bad-input',
      message: 'seen: 3',
      stack: expect.stringContaining('tasks.ts'),
    })
    await expect(workers.run(task('stumble'))).rejects.toMatchObject({
      name: 'RangeError',
      message: 'out of range',
    })
  })

  it('reject what cannot cross, and names that are no function', async () => {
    await expect(workers.run(task('unclonable'))).rejects.toThrow('could not be cloned')
    await expect(workers.run(task('add', { left: () => 1 }))).rejects.toThrow('could not be cloned')
    for (const name of ['missing', 'notAFunction', 'toString'])
      await expect(workers.run(task(name))).rejects.toMatchObject({ code: 'bad-argument' })
    await expect(workers.run({ module: `${module}.missing`, name: 'add', args: 0 })).rejects.toThrow()
    expect(await workers.run(task('add', { left: 1, right: 1 }))).toBe(2)
  })
})

describe('worker threads', () => {
  it('are as many as asked for, started when needed', async () => {
    const workers = openWorkers({ threads: 3 })
    const one = await workers.run(task('whichThread'))
    expect(await workers.run(task('whichThread'))).toBe(one)
    const many = await Promise.all(Array.from({ length: 12 }, () => workers.run(task('whichThread'))))
    expect(new Set(many).size).toBe(3)
    await workers.close()
  })

  it.each(['die', 'crashLater'])('that %s reject their task and are replaced', async (name) => {
    const workers = openWorkers({ threads: 1 })
    const [broken, next] = await Promise.allSettled([
      workers.run(task(name)),
      workers.run(task('add', { left: 1, right: 2 })),
    ])
    expect(broken).toMatchObject({ status: 'rejected', reason: { code: 'outside' } })
    expect(next).toMatchObject({ status: 'fulfilled', value: 3 })
    await workers.close()
  })

  it('once closed, reject what runs, what waits and what comes', async () => {
    const workers = openWorkers({ threads: 1 })
    const pending = [workers.run(task('never')), workers.run(task('never'))]
    const answers = Promise.allSettled(pending)
    await workers.close()
    for (const answer of [...(await answers), ...(await Promise.allSettled([workers.run(task('add'))]))])
      expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'not-ready' } })
  })
})

it('counts processors, at most 8', () => {
  expect(processorCount()).toBeGreaterThanOrEqual(1)
  expect(processorCount()).toBeLessThanOrEqual(8)
})
