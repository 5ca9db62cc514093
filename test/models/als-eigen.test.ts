// The eigenbasis of a training's vectors: a diagonal Gram matrix, the same products, and the plain eigenvalues.
import { describe, expect, it } from 'vitest'
import { openWorkers } from '../../src/engine/open.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import { type AlsArena, openAlsArena, withoutPadding } from '../../src/models/als-arena.ts'
import { findEigenbasis, turnVectors } from '../../src/models/als-eigen.ts'
import { startVectors } from '../../src/models/als-training.ts'
import { ownThread } from './sample.ts'

const artists = 900

function arenaOf(factors: number, threads: number, rank = factors): AlsArena {
  const arena = openAlsArena({
    users: 1,
    artists,
    entries: 0,
    factors,
    weighted: false,
    solver: 'cg',
    threads,
  })
  const start = startVectors(artists, factors, 3)
  for (let row = 0; row < artists; row++)
    for (let f = 0; f < rank; f++)
      arena.artists[row * arena.stride + f] = start[row * factors + f]! * (1 + 30 / (f + 1))
  return arena
}

describe('the eigenbasis', () => {
  it.each([
    [1, 1],
    [2, 2],
    [5, 5],
    [64, 64],
    [100, 100],
    [24, 9],
  ])('of %i factors of rank %i makes the Gram matrix diagonal and keeps products', async (d, rank) => {
    const arena = arenaOf(d, 1, rank)
    const before = withoutPadding(arena.artists, arena.stride, d)
    const plain = kernels.symmetricEigen(kernels.gram({ factors: before, d, from: 0, to: artists }), d)
    const values = await findEigenbasis(arena, arena.artists, { workers: ownThread })
    await turnVectors(arena, arena.artists, { workers: ownThread })
    const after = withoutPadding(arena.artists, arena.stride, d)
    const gram = kernels.gram({ factors: after, d, from: 0, to: artists })
    const size = plain.values[0]!
    for (let i = 0; i < d; i++) {
      expect(Math.abs(values[i]! - plain.values[i]!) / size).toBeLessThan(1e-5)
      for (let j = 0; j < d; j++)
        expect(Math.abs(gram[i * d + j]! - (i === j ? values[i]! : 0)) / size).toBeLessThan(1e-5)
    }
    const row = (x: Float32Array, at: number) => x.subarray(at * d, at * d + d)
    for (let at = 0; at + 1 < artists; at += 97)
      expect(kernels.dot(row(after, at), row(after, at + 1))).toBeCloseTo(
        kernels.dot(row(before, at), row(before, at + 1)),
        5,
      )
  })

  it('is the same to the byte on one thread and on three', async () => {
    const workers = openWorkers({ threads: 3 })
    const [one, three] = [arenaOf(100, 1), arenaOf(100, 3)]
    expect(await findEigenbasis(three, three.artists, { workers })).toEqual(
      await findEigenbasis(one, one.artists, { workers: ownThread }),
    )
    expect(three.parts.basis).toEqual(one.parts.basis)
    await workers.close()
  })

  it('of vectors that are all zero is there too', async () => {
    const arena = arenaOf(7, 1, 0)
    const values = await findEigenbasis(arena, arena.artists, { workers: ownThread })
    expect([...values]).toEqual([0, 0, 0, 0, 0, 0, 0])
    await turnVectors(arena, arena.artists, { workers: ownThread })
    expect(arena.artists.every((value) => value === 0)).toBe(true)
  })
})
