// Feast's own client against our feature server. Needs a Python that has feast, named by TASTEMAKER_FEAST_PYTHON.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { serveNode } from '../../src/api/node.ts'
import { readSettings } from '../../src/config.ts'
import { writeOnlineRows } from '../../src/features/online-rows.ts'
import { openRegistry } from '../../src/features/registry.ts'
import { openLists } from '../../src/stores/open.ts'
import { openTestApi } from './api.ts'
import { samplePseudonym } from './sample.ts'

const python = process.env.TASTEMAKER_FEAST_PYTHON ?? ''

test.skipIf(python === '')(
  'it reads, writes and reads again (skipped unless TASTEMAKER_FEAST_PYTHON names a Python with feast)',
  async () => {
    const registry = openRegistry(readSettings().features)
    const lists = await openLists('memory:')
    const times = { eventTimestamp: 1000, createdTimestamp: 1000 }
    const ids = [samplePseudonym('ann')]
    const denver = { age_group: '25-34', city: 'Denver', state: 'CO', country: 'US' }
    await writeOnlineRows(lists, registry.find('listener_profile'), [[ids, { ...times, values: denver }]])
    const taste = { favourite_artists: [{ artistId: 'a', plays: 3 }], last_songs: [] }
    const now = Date.now()
    const recent = { eventTimestamp: now - 1000, createdTimestamp: now }
    await writeOnlineRows(lists, registry.find('listener_taste'), [[ids, { ...recent, values: taste }]])
    const door = { registry, lists, keep: async () => undefined, materialize: async () => undefined }
    const { app } = await openTestApi({ features: door, now: () => Date.now() })
    const server = await serveNode(app, { ...readSettings(), port: 0 })
    const folder = await mkdtemp(join(tmpdir(), 'tastemaker-feast-'))
    try {
      const words = ['bench/peers/feast-client.py', folder, server.url, 'ann']
      const { stdout } = await promisify(execFile)(python, words, { maxBuffer: 1e7 })
      const said = JSON.parse(stdout.trim().split('\n').at(-1)!)
      const user_id = ['ann', 'a stranger']
      expect(said.first).toEqual({ user_id, city: ['Denver', null], state: ['CO', null] })
      expect(said.second).toEqual({ user_id, city: ['Oslo', null], state: [null, null] })
      expect(said.lists).toEqual({ user_id, favourite_artists: [[{ artistId: 'a', plays: 3 }], null] })
    } finally {
      await server.close()
      await rm(folder, { recursive: true })
    }
  },
  60_000,
)
