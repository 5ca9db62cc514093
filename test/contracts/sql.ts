// What every SQL store must do, told as tests.
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Sql } from '../../src/stores/sql/sql.ts'

async function* csv(...parts: string[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield new TextEncoder().encode(part)
}

const field = (value: string | null): string => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)

/** Runs the contract against one store that `open` gives. */
export function sqlContract(name: string, open: () => Promise<Sql>): void {
  describe(`sql: ${name}`, () => {
    let sql: Sql
    beforeAll(async () => {
      sql = await open()
    })
    afterAll(() => sql?.close())
    beforeEach(async () => {
      await sql.query('drop table if exists listen')
      await sql.query(
        'create table listen (id bigint primary key, title text, rate double precision, at timestamptz)',
      )
    })

    it('binds values and gives rows by column name', async () => {
      await sql.query('insert into listen values ($1, $2, $3, $4)', [
        1,
        "it's",
        0.25,
        '2026-01-02T03:04:05.678Z',
      ])
      await sql.query('insert into listen values ($1, $2, $3, $4)', [2, null, null, null])
      expect(await sql.query('select * from listen order by id')).toEqual([
        { id: 1, title: "it's", rate: 0.25, at: new Date('2026-01-02T03:04:05.678Z') },
        { id: 2, title: null, rate: null, at: null },
      ])
      expect(await sql.query('delete from listen where id = $1 returning id', [2])).toEqual([{ id: 2 }])
      expect(await sql.query('delete from listen')).toEqual([])
    })

    it('binds lists', async () => {
      expect(await sql.query('select $1::text[] as words', [['a', 'b "c"', '']])).toEqual([
        { words: ['a', 'b "c"', ''] },
      ])
      expect(await sql.query('select 2 = any($1::bigint[]) as has', [[1, 2]])).toEqual([{ has: true }])
    })

    it('reads large and exact types as plain values', async () => {
      const [row] = await sql.query(
        `select 9007199254740991::bigint as big, array[1, null, 3]::bigint[] as bigs, sum(v::bigint) as total,
           count(*) as rows, 1.5::numeric as exact, date '2026-02-03' as day, true as yes,
           timestamp '2026-02-03 04:05:06' as naive, '{"a":[1]}'::jsonb as document,
           date_trunc('day', timestamptz '2026-02-03T23:30:00-05:00') as midnight
         from (values (1), (2)) as t(v)`,
      )
      expect(row).toEqual({
        big: 9007199254740991,
        bigs: [1, null, 3],
        total: 3,
        rows: 2,
        exact: 1.5,
        day: '2026-02-03',
        yes: true,
        naive: new Date('2026-02-03T04:05:06Z'),
        document: { a: [1] },
        midnight: new Date('2026-02-04T00:00:00Z'),
      })
    })

    it('loads CSV: quotes, newlines, null and empty', async () => {
      const rows = await sql.copyIn(
        'listen',
        ['id', 'title'],
        csv('1,"say ""hi"",\nthen ', 'go"\n2,\n', '3,""\n4,plain'),
      )
      expect(rows).toBe(4)
      expect(await sql.query('select id, title from listen order by id')).toEqual([
        { id: 1, title: 'say "hi",\nthen go' },
        { id: 2, title: null },
        { id: 3, title: '' },
        { id: 4, title: 'plain' },
      ])
    })

    it('loads nothing from nothing', async () => {
      expect(await sql.copyIn('listen', ['id'], csv())).toBe(0)
      expect(await sql.copyIn('listen', ['id'], csv(''))).toBe(0)
    })

    it('loads all rows or none, and works on', async () => {
      await expect(sql.copyIn('listen', ['id'], csv('1\n2\n', 'three\n'))).rejects.toMatchObject({
        code: 'bad-input',
      })
      async function* broken(): AsyncIterable<Uint8Array> {
        yield* csv('1\n2\n')
        throw new RangeError('the source broke')
      }
      await expect(sql.copyIn('listen', ['id'], broken())).rejects.toThrow('the source broke')
      expect(await sql.query('select count(*) as rows from listen')).toEqual([{ rows: 0 }])
    })

    it('brings any text back through CSV', async () => {
      const text = fc.option(
        fc.string({ unit: 'grapheme', maxLength: 30 }).filter((value) => !value.includes('\0')),
      )
      await fc.assert(
        fc.asyncProperty(
          fc.array(text, { maxLength: 20 }),
          fc.integer({ min: 1, max: 40 }),
          async (titles, cut) => {
            await sql.query('delete from listen')
            const whole = new TextEncoder().encode(
              titles.map((title, id) => `${id},${field(title)}\n`).join(''),
            )
            async function* pieces(): AsyncIterable<Uint8Array> {
              for (let from = 0; from < whole.length; from += cut) yield whole.subarray(from, from + cut)
            }
            expect(await sql.copyIn('listen', ['id', 'title'], pieces())).toBe(titles.length)
            const rows = await sql.query('select title from listen order by id')
            expect(rows.map((row) => row.title)).toEqual(titles)
          },
        ),
        { numRuns: 20 },
      )
    })

    it('keeps all of a transaction, or nothing when it throws', async () => {
      const answer = await sql.transaction(async (inside) => {
        await inside.query('insert into listen (id) values (1)')
        await inside.copyIn('listen', ['id'], csv('2\n'))
        return 'kept'
      })
      expect(answer).toBe('kept')
      const failing = sql.transaction(async (inside) => {
        await inside.query('insert into listen (id) values (3)')
        throw new RangeError('changed my mind')
      })
      await expect(failing).rejects.toThrow('changed my mind')
      expect(await sql.query('select id from listen order by id')).toEqual([{ id: 1 }, { id: 2 }])
    })

    it('keeps nothing of a transaction that swallowed a failed statement, and says so', async () => {
      const swallowing = sql.transaction(async (inside) => {
        await inside.query('insert into listen (id) values (1)')
        await inside.query('insert into listen (id) values (1)').catch(() => undefined)
      })
      await expect(swallowing).rejects.toMatchObject({ code: 'conflict' })
      expect(await sql.query('select id from listen')).toEqual([])
    })

    it('rolls a failed load back and can use the connection again', async () => {
      const failing = sql.transaction(async (inside) => {
        await inside.query('insert into listen (id) values (1)')
        await inside.copyIn('listen', ['id'], csv('x\n'))
      })
      await expect(failing).rejects.toMatchObject({ code: 'bad-input' })
      for (let id = 0; id < 12; id++) await sql.query('insert into listen (id) values ($1)', [id])
      expect(await sql.query('select count(*) as rows from listen')).toEqual([{ rows: 12 }])
    })

    it('rolls a load back whose source broke, within a transaction', async () => {
      async function* broken(): AsyncIterable<Uint8Array> {
        yield* csv('1\n2\n')
        throw new RangeError('the source broke')
      }
      for (let round = 0; round < 12; round++) {
        const failing = sql.transaction((inside) => inside.copyIn('listen', ['id'], broken()))
        await expect(failing).rejects.toThrow(new RangeError('the source broke'))
      }
      expect(await sql.query('select count(*) as rows from listen')).toEqual([{ rows: 0 }])
    })

    it('says whose fault an error is, without telling the values', async () => {
      await sql.query('insert into listen (id, title) values (1, $1)', ['secret title'])
      const cases = [
        ['selekt 1', 'bad-argument'],
        ['select * from nowhere', 'bad-argument'],
        ['insert into listen (id) values (1)', 'conflict'],
        ["select 'secret title'::bigint", 'bad-input'],
      ] as const
      for (const [text, code] of cases) {
        const error: Error = await sql.query(text).then(
          () => new Error('no error'),
          (thrown) => thrown,
        )
        expect(error).toMatchObject({ name: 'TastemakerError', code })
        expect(error.message).not.toContain('secret title')
        expect(error.cause).toBeDefined()
      }
    })

    it('answers many callers at once', async () => {
      await Promise.all(
        Array.from({ length: 40 }, (_, id) =>
          sql.transaction((inside) => inside.query('insert into listen (id) values ($1)', [id])),
        ),
      )
      expect(await sql.query('select count(*) as rows from listen')).toEqual([{ rows: 40 }])
    })
  })
}
