// What migrations must do in every SQL store, told as tests.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventColumns } from '../../src/data/event.ts'
import { type Migration, migrate, planMigration, sqlOf } from '../../src/stores/migrate.ts'
import { migrations } from '../../src/stores/migrations.ts'
import type { Sql } from '../../src/stores/sql/sql.ts'

/** Runs the contract against one store that `open` gives; its schema `public` is made anew for each test. */
export function migrationsContract(name: string, open: () => Promise<Sql>): void {
  describe(`migrations: ${name}`, () => {
    let sql: Sql
    beforeAll(async () => {
      sql = await open()
    })
    afterAll(() => sql?.close())
    beforeEach(async () => {
      await sql.query('drop schema public cascade')
      await sql.query('create schema public')
    })

    const numbers = async () =>
      (await sql.query('select number from schema_migration order by number')).map(({ number }) => number)
    const tables = async () =>
      (
        await sql.query(
          "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by relname",
        )
      ).map(({ relname }) => relname)
    const idsOf = async (table: string) =>
      (await sql.query(`select event_id from ${table} order by event_id`)).map(({ event_id }) => event_id)

    it('go up once, and then have nothing to do', async () => {
      const steps = await migrate(sql, migrations)
      expect(steps.map(({ migration, direction }) => [migration.number, direction])).toEqual(
        migrations.map(({ number }) => [number, 'up']),
      )
      expect(await migrate(sql, migrations)).toEqual([])
      expect(await numbers()).toEqual(migrations.map(({ number }) => number))
    })

    it('give click_event every column of the clean event, in its type', async () => {
      await migrate(sql, migrations)
      const columns = await sql.query(`select attname as name, format_type(atttypid, null) as type
        from pg_attribute where attrelid = 'click_event'::regclass and attnum > 0`)
      const typeOf = new Map(columns.map(({ name, type }) => [name, type]))
      for (const { name: column, postgresType } of eventColumns)
        expect([column, typeOf.get(column)]).toEqual([column, postgresType])
    })

    it('go down to nothing when told to discard, and up again', async () => {
      await migrate(sql, migrations)
      await expect(migrate(sql, migrations, { to: 0 })).rejects.toMatchObject({ code: 'conflict' })
      expect(await numbers()).toEqual(migrations.map(({ number }) => number))
      await migrate(sql, migrations, { to: 0, discard: true })
      expect(await tables()).toEqual(['schema_migration'])
      await migrate(sql, migrations)
      expect(await idsOf('click_event')).toEqual([])
    })

    it('adopt a database of version 0.1, keep its rows on the way up, down and up, each in its month', async () => {
      for (const statement of migrations[0]!.up) await sql.query(statement)
      const january = Date.UTC(2026, 0, 31, 23, 59, 59, 999)
      const times = [january, january + 1, Date.UTC(2005, 1, 1), Date.UTC(2026, 0, 1)]
      for (const [index, at] of times.entries())
        await sql.query(
          `insert into click_event (event_id, kind, user_id, occurred_at, artist_id, artist_name, volumes, source)
           values ($1, 'listen', 'u', $2, 'a', 'A', '{0.5,0.25}', 'test')`,
          [`e${index}`, at],
        )
      await sql.query("insert into landed_batch (batch_id) values ('b1')")
      const rows = await sql.query('select * from click_event order by event_id')

      await migrate(sql, migrations)
      expect(await sql.query('select * from click_event order by event_id')).toEqual(
        rows.map((row) => ({ ...row, recorded_at: null, revision: 0 })),
      )
      expect(await idsOf('click_event_2026_01')).toEqual(['e0', 'e3'])
      expect(await idsOf('click_event_2026_02')).toEqual(['e1'])
      expect(await idsOf('click_event_2005_02')).toEqual(['e2'])
      expect(await idsOf('click_event_default')).toEqual([])

      await migrate(sql, migrations, { to: 1 })
      expect(await sql.query('select * from click_event order by event_id')).toEqual(rows)
      expect(await numbers()).toEqual([1])
      await migrate(sql, migrations)
      expect(await idsOf('click_event')).toEqual(['e0', 'e1', 'e2', 'e3'])
      expect(await sql.query('select batch_id from landed_batch')).toEqual([{ batch_id: 'b1' }])
    })

    it('are the same tables up, down and up as up alone', async () => {
      const shape = () =>
        sql.query(`select relname, attname, format_type(atttypid, atttypmod) as type, attnotnull from pg_attribute
          join pg_class on pg_class.oid = attrelid where relnamespace = 'public'::regnamespace and attnum > 0
          order by relname, attnum`)
      await migrate(sql, migrations, { to: 1 })
      const first = await shape()
      await migrate(sql, migrations)
      const last = await shape()
      await migrate(sql, migrations, { to: 1 })
      expect(await shape()).toEqual(first)
      await migrate(sql, migrations)
      expect(await shape()).toEqual(last)
    })

    it('run once when many processes start together', async () => {
      const steps = await Promise.all(Array.from({ length: 4 }, () => migrate(sql, migrations)))
      expect(steps.flat()).toHaveLength(migrations.length)
      expect(await numbers()).toEqual(migrations.map(({ number }) => number))
    })

    it('leave nothing behind when one of them fails', async () => {
      const broken: Migration = {
        number: 3,
        name: 'broken',
        up: ['create table half (id integer)', 'selekt'],
        down: [],
      }
      await expect(migrate(sql, [...migrations, broken])).rejects.toMatchObject({ code: 'bad-argument' })
      expect(await tables()).toEqual([])
    })

    it('refuse an applied one that was changed, a database newer than the program, and states that do not exist', async () => {
      await migrate(sql, migrations)
      const changed = migrations.map((migration) =>
        migration.number === 2 ? { ...migration, up: [...migration.up, 'select 1'] } : migration,
      )
      await expect(migrate(sql, changed)).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('2 (months)'),
      })
      await expect(migrate(sql, migrations.slice(0, 1))).rejects.toMatchObject({ code: 'conflict' })
      for (const to of [-1, 1.5, migrations.length + 1])
        await expect(migrate(sql, migrations, { to })).rejects.toMatchObject({ code: 'bad-argument' })
    })

    it('tell their plan, and print it as SQL', async () => {
      const plan = await planMigration(sql, migrations)
      expect(plan).toHaveLength(migrations.length)
      expect(await tables()).toEqual([])
      expect(plan.map(sqlOf).join('')).toContain('partition by range (occurred_at)')
    })

    it('make a month once, and move what waited in the default partition into it', async () => {
      await migrate(sql, migrations)
      const at = Date.UTC(2026, 4, 5)
      await sql.query(
        "insert into click_event (event_id, kind, user_id, occurred_at, artist_id, artist_name, source) values ('e', 'listen', 'u', $1, 'a', 'A', 'test')",
        [at],
      )
      expect(await idsOf('click_event_default')).toEqual(['e'])
      const add = () => sql.query('select add_click_event_month($1) as made', [at])
      expect(await Promise.all([add(), add(), add()])).toEqual(
        expect.arrayContaining([[{ made: true }], [{ made: false }], [{ made: false }]]),
      )
      expect(await idsOf('click_event_2026_05')).toEqual(['e'])
      expect(await idsOf('click_event_default')).toEqual([])
    })

    it('drop whole months that are over, with their number of rows, and none of the last 28 days', async () => {
      await migrate(sql, migrations)
      for (const month of [1, 2, 3])
        await sql.query('select add_click_event_month($1)', [Date.UTC(2020, month - 1, 15)])
      await sql.query(
        "insert into click_event (event_id, kind, user_id, occurred_at, artist_id, artist_name, source) values ('e', 'listen', 'u', $1, 'a', 'A', 'test')",
        [Date.UTC(2020, 1, 29, 23)],
      )
      const drop = (before: number) => sql.query('select * from drop_click_event_months($1)', [before])
      expect(await drop(Date.UTC(2020, 2, 1))).toEqual([
        { month: '2020-01', events: 0 },
        { month: '2020-02', events: 1 },
      ])
      expect(await drop(Date.UTC(2020, 2, 31))).toEqual([])
      expect(await idsOf('click_event')).toEqual([])
      expect(await tables()).toContain('click_event_2020_03')
      await expect(drop(Date.now())).rejects.toMatchObject({ code: 'bad-input' })
    })
  })
}
