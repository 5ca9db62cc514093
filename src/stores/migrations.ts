// The migrations of the database that clean events land in, in order; one that was released never changes.
import type { Migration } from './migrate.ts'
import { clickEvents } from './sql/migrations/0001-click-events.ts'
import { months } from './sql/migrations/0002-months.ts'

/** Every migration, numbered from 1 without a gap. */
export const migrations: readonly Migration[] = [clickEvents, months]
