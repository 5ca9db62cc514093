import { expect, test } from 'vitest'
import { readSettings } from '../../src/config.ts'
import { openRegistry } from '../../src/features/registry.ts'
import { plainView } from './feature-rows.ts'

const { features: settings } = readSettings()
const refusal = (change: object, more: readonly object[] = []) => {
  try {
    openRegistry(settings, [
      { ...plainView(), ...change },
      ...more.map((one) => ({ ...plainView(), ...one })),
    ])
    return 'accepted'
  } catch (error) {
    return (error as Error).message
  }
}

test('all definitions are documented, owned and checked, and features are found by view and by service', () => {
  const registry = openRegistry(settings)
  expect(registry.views.map(({ name }) => name)).toEqual([
    'listener_profile',
    'listener_activity',
    'listener_sessions',
    'listener_taste',
    'artist_popularity',
    'listener_artist',
  ])
  expect(registry.resolve({ features: ['listener_profile:city'] })[0]?.feature.dtype).toBe('string')
  expect(registry.resolve({ service: 'artist' }).length).toBe(
    registry.find('artist_popularity').features.length,
  )
  expect(() => registry.find('nothing')).toThrow('listener_profile')
  expect(() => registry.resolve({ features: ['listener_profile:shoe_size'] })).toThrow('age_group')
})

test('what cannot be a definition is refused with the reason', () => {
  expect(refusal({})).toBe('accepted')
  expect(refusal({ ttlSeconds: 0 })).toContain('null for values that never expire')
  expect(refusal({ ttlSeconds: -5 })).toContain('ttlSeconds is -5')
  expect(refusal({ name: 'Drop; table' })).toContain('no name')
  expect(refusal({ description: '' })).toContain('description')
  expect(refusal({ owner: '' })).toContain('owner')
  expect(refusal({}, [{}])).toContain('named plain')
  const [one] = plainView().features
  expect(refusal({ features: [one, one] })).toContain('two columns are named score')
  expect(refusal({ features: [{ ...one, name: 'event_timestamp' }] })).toContain('taken')
})

test('a version follows what decides the values, not the words about them', () => {
  const versionOf = (change: object) =>
    openRegistry(settings, [{ ...plainView(), ...change }]).views[0]?.version
  expect(versionOf({ description: 'Other words for it.', owner: 'someone else' })).toBe(versionOf({}))
  expect(versionOf({ ttlSeconds: 60 })).not.toBe(versionOf({}))
  expect(versionOf({ sql: () => 'select 1' })).not.toBe(versionOf({}))
  const shorter = openRegistry({ ...settings, lastSongs: 7 })
  const normal = openRegistry(settings)
  const changed = normal.views.filter((view, at) => view.version !== shorter.views[at]?.version)
  expect(changed.map(({ name }) => name)).toEqual(['listener_taste'])
})
