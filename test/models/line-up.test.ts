// The line-up: what auto takes by the size of the catalogue, and what names give.
import { describe, expect, it } from 'vitest'
import { modelLineUp } from '../../src/models/line-up.ts'
import { isModelName } from '../../src/models/models.ts'
import { smallSettings } from './sample.ts'

const lineUp = (names: string, artists = 1000) => modelLineUp({ ...smallSettings, names }, artists)

describe('the line-up', () => {
  it('is by default the baselines, one of each family, and the blend', () => {
    const names = lineUp('auto')
    for (const name of ['popularity', 'segment-popularity', 'cosine', 'als', 'edlae', 'blend'])
      expect(names).toContain(name)
    expect(names.every(isModelName)).toBe(true)
    expect(names).not.toContain('mrf')
  })

  it('takes the sparse regression in place of the dense one for a large catalogue', () => {
    expect(lineUp('auto', 200_000)).toContain('mrf')
    expect(lineUp('auto', 200_000)).not.toContain('edlae')
  })

  it('takes what is named, and what fallback lists and similar artists come from', () => {
    expect(lineUp('als')).toEqual(['popularity', 'segment-popularity', 'cosine', 'als'])
    expect(lineUp(' ease , als')).toEqual(['popularity', 'segment-popularity', 'cosine', 'ease', 'als'])
  })

  it('refuses an unknown name', () => {
    expect(() => lineUp('als,nosuch')).toThrow(/nosuch.*known are.*als/)
  })
})
