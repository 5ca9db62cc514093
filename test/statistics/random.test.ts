// Seeded chance: the same draws every time, and the distributions it promises.
import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../src/statistics/random.ts'

const draws = 40_000

/** Mean and variance of many draws. */
function moments(draw: (random: Random) => number) {
  const random = createRandom(11)
  const values = Array.from({ length: draws }, () => draw(random))
  const mean = values.reduce((sum, value) => sum + value, 0) / draws
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws, values }
}

describe('createRandom', () => {
  it('gives the same draws for the same seed, and others for another', () => {
    const of = (seed: number) => {
      const random = createRandom(seed)
      return [random.uniform(), random.normal(), random.below(1000), random.gamma(0.5), random.poisson(30)]
    }
    expect(of(1)).toEqual(of(1))
    expect(of(1)).not.toEqual(of(2))
    expect(of(2 ** 40 + 1)).not.toEqual(of(1))
    expect(of(-1)).not.toEqual(of(1))
  })

  it('stays the same from version to version', () => {
    const random = createRandom(42)
    expect([
      random.below(1_000_000),
      random.below(1_000_000),
      random.below(1_000_000),
    ]).toMatchInlineSnapshot(`
      [
        278184,
        493843,
        772381,
      ]
    `)
  })

  it.each<[string, (random: Random) => number, number, number]>([
    ['uniform', (random) => random.uniform(), 1 / 2, 1 / 12],
    ['below 7', (random) => random.below(7), 3, 4],
    ['normal', (random) => random.normal(), 0, 1],
    ['exponential', (random) => random.exponential(), 1, 1],
    ['Poisson 0', (random) => random.poisson(0), 0, 0],
    ['Poisson 3', (random) => random.poisson(3), 3, 3],
    ['Poisson 200', (random) => random.poisson(200), 200, 200],
    ['gamma 0.3', (random) => random.gamma(0.3), 0.3, 0.3],
    ['gamma 5', (random) => random.gamma(5), 5, 5],
    ['beta 2, 5', (random) => random.beta(2, 5), 2 / 7, 10 / (49 * 8)],
  ])('%s has its mean and variance', (_, draw, mean, variance) => {
    const found = moments(draw)
    const error = 5 * Math.sqrt(variance / draws)
    expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(error)
    expect(Math.abs(found.variance - variance)).toBeLessThanOrEqual(0.12 * variance)
  })

  it('stays in range', () => {
    expect(moments((random) => random.uniform()).values.every((value) => value >= 0 && value < 1)).toBe(true)
    expect(new Set(moments((random) => random.below(7)).values)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]))
    const tiny = moments((random) => random.beta(1e-3, 1e-3)).values
    expect(tiny.every((value) => value >= 0 && value <= 1)).toBe(true)
  })

  it('shuffles every order alike, and leaves its input alone', () => {
    const counts = new Map<string, number>()
    const random = createRandom(3)
    const items = ['a', 'b', 'c']
    for (let round = 0; round < 6000; round++) {
      const order = random.shuffle(items).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
    expect(items).toEqual(['a', 'b', 'c'])
  })

  it('forks by seed and label, whatever was drawn before', () => {
    const random = createRandom(5)
    const first = random.fork('plays').uniform()
    random.uniform()
    expect(random.fork('plays').uniform()).toBe(first)
    expect(random.fork('skips').uniform()).not.toBe(first)
    expect(createRandom(6).fork('plays').uniform()).not.toBe(first)
  })

  it('refuses what it cannot draw', () => {
    const random = createRandom(1)
    const badArgument = expect.objectContaining({ code: 'bad-argument' })
    for (const n of [0, -1, 1.5, Number.NaN]) expect(() => random.below(n)).toThrow(badArgument)
    expect(() => random.gamma(0)).toThrow(badArgument)
    expect(() => random.poisson(-1)).toThrow(badArgument)
  })
})
