// The embedded SQL engine: what values become, files in and out, errors.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Engine, quoted } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'

let root: string
let engine: Engine
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tastemaker-engine's-test-"))
  engine = await openEngine({ threads: 2, memoryLimit: '500MB', tempDir: join(root, 'made', 'spill') })
})
afterAll(async () => {
  await engine.close()
  await rm(root, { recursive: true, force: true })
})

describe('rows', () => {
  it('are plain objects with numbers, lists and structs', async () => {
    const rows = await engine.rows(`
      select 9007199254740991::bigint as big, 7::ubigint as ubig, sum(3::bigint) as total, count(*) as n,
        [1, null, 3]::bigint[] as list, {a: 1::bigint, b: [{c: 'x'}]} as struct, 1.5::decimal(9, 2) as exact,
        0.25::double as real, 0.5::float as small, true as yes, null as nothing, 'é' as word,
        timestamp '2026-01-02 03:04:05' as naive, timestamptz '2026-01-02 03:04:05-05' as zoned`)
    expect(rows).toEqual([
      {
        big: 9007199254740991,
        ubig: 7,
        total: 3,
        n: 1,
        list: [1, null, 3],
        struct: { a: 1, b: [{ c: 'x' }] },
        exact: 1.5,
        real: 0.25,
        small: 0.5,
        yes: true,
        nothing: null,
        word: 'é',
        naive: new Date('2026-01-02T03:04:05Z'),
        zoned: new Date('2026-01-02T08:04:05Z'),
      },
    ])
  })

  it('count days in UTC', async () => {
    expect(await engine.rows("select timestamptz '2026-01-02 23:30:00-05'::date::varchar as day")).toEqual([
      { day: '2026-01-03' },
    ])
  })

  it('are none for an empty result', async () => {
    expect(await engine.rows('select 1 as a where false')).toEqual([])
  })
})

describe('columns', () => {
  it('are numbers or strings, with null as NaN or null', async () => {
    const columns = await engine.columns(`
      select * from (values
        (1::tinyint, -2::bigint, 3::ubigint, 0.5::float, 1.25::decimal(9, 2), 5::hugeint, 'short', true),
        (null, null, null, null, null, null, null, null),
        (3::tinyint, 9007199254740991::bigint, 4294967296::ubigint, -0.5::float, 2::decimal(9, 2), 6::hugeint,
         'a string of more than twelve bytes: ♪', false)
      ) as t(tiny, big, ubig, small, exact, huge, word, yes)`)
    expect(columns).toEqual({
      tiny: Float64Array.of(1, Number.NaN, 3),
      big: Float64Array.of(-2, Number.NaN, 9007199254740991),
      ubig: Float64Array.of(3, Number.NaN, 4294967296),
      small: Float64Array.of(0.5, Number.NaN, -0.5),
      exact: Float64Array.of(1.25, Number.NaN, 2),
      huge: Float64Array.of(5, Number.NaN, 6),
      word: ['short', null, 'a string of more than twelve bytes: ♪'],
      yes: ['true', null, 'false'],
    })
  })

  it('are empty but there for an empty result', async () => {
    expect(await engine.columns("select 1 as a, 'x' as b where false")).toEqual({
      a: new Float64Array(),
      b: [],
    })
  })

  it('hold any length, in order', async () => {
    for (const length of [1, 2047, 2048, 2049, 100_000]) {
      const { i, s } = await engine.columns(
        `select range as i, case when range % 3 = 0 then null else 's' || range end as s from range(${length})`,
      )
      expect(i).toHaveLength(length)
      expect(s).toHaveLength(length)
      expect(Array.from(i as Float64Array).every((value, row) => value === row)).toBe(true)
      expect((s as string[]).every((value, row) => value === (row % 3 === 0 ? null : `s${row}`))).toBe(true)
    }
  })

  it('say any safe integer as JavaScript does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.maxSafeInteger(), { minLength: 1, maxLength: 50 }), async (values) => {
        const list = values.map((value) => `(${value}::bigint)`).join(',')
        const { v } = await engine.columns(`select v from (values ${list}) as t(v)`)
        expect(Array.from(v as Float64Array)).toEqual(values.map((value) => value + 0))
      }),
      { numRuns: 30 },
    )
  })

  it('refuse two of one name', async () => {
    await expect(engine.columns('select 1 as a, 2 as a')).rejects.toMatchObject({ code: 'bad-argument' })
  })
})

describe('the engine', () => {
  it('reads and writes files', async () => {
    const lines = join(root, "it's.ndjson")
    const parquet = join(root, "it's.parquet")
    await writeFile(lines, '{"artist":"Nova","plays":3}\n{"artist":"Ätna","plays":4}\n')
    await engine.run(
      `copy (select * from read_json(${quoted(lines)}, columns = {artist: 'VARCHAR', plays: 'BIGINT'}))
       to ${quoted(parquet)} (format parquet, compression zstd)`,
    )
    expect(await engine.rows(`select * from ${quoted(parquet)}`)).toEqual([
      { artist: 'Nova', plays: 3 },
      { artist: 'Ätna', plays: 4 },
    ])
  })

  it('runs several statements, and remembers temporary tables', async () => {
    await engine.run('create temp table one as select 1 as a; insert into one values (2);')
    expect(await engine.rows('select sum(a) as total from one')).toEqual([{ total: 3 }])
  })

  it('answers many callers at once, streams among them', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2
          ? engine.rows(`select ${index} as v`)
          : engine.columns(`select ${index} as v from range(5000)`),
      ),
    )
    expect(answers[3]).toEqual([{ v: 3 }])
    expect((answers[4] as { v: Float64Array }).v).toEqual(new Float64Array(5000).fill(4))
  })

  it('says outside with the cause, without quoting data, and works on', async () => {
    const error: Error = await engine.rows("select 'secret title'::integer").then(
      () => new Error('no error'),
      (thrown) => thrown,
    )
    expect(error).toMatchObject({ code: 'outside' })
    expect(error.message).not.toContain('secret')
    expect(String(error.cause)).toContain('Conversion Error')
    expect(await engine.rows('select 1 as a')).toEqual([{ a: 1 }])
  })
})
