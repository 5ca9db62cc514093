// Migration 2: click events by month of the event, with a key, an index by listener, corrections and retractions.
import type { Migration } from '../../migrate.ts'

const columnsOfVersion1 = `event_id, kind, user_id, occurred_at, artist_id, artist_name, genre, followers, artist_rank,
  track_id, track_title, track_likes, duration_ms, played_ms, outcome, volumes, surface, position, recommendation_id,
  propensity, model_version, variant, value, source`

/** Keys compare by bytes, whatever the database's language: quicker, and the same after an upgrade of the system. */
const partitionedTable = `create table click_event (
  event_id text collate "C" not null,
  kind text not null,
  user_id text collate "C" not null,
  occurred_at bigint not null,
  artist_id text not null,
  artist_name text not null,
  genre text,
  followers bigint,
  artist_rank integer,
  track_id text,
  track_title text,
  track_likes bigint,
  duration_ms integer,
  played_ms integer,
  outcome text,
  volumes real[],
  surface text,
  position integer,
  recommendation_id text,
  propensity double precision,
  model_version text,
  variant text,
  value double precision,
  source text not null,
  recorded_at bigint,
  revision integer not null default 0,
  primary key (event_id, occurred_at)
) partition by range (occurred_at)`

/**
 * Makes the partition of the month of a time (ms, UTC) unless it is there; rows of that month that wait in the default
 * partition move into it. Runs with the rights of the tables' owner, so that who may only insert can have months made.
 */
const addMonth = `create function add_click_event_month(moment bigint) returns boolean
language plpgsql security definer set search_path from current as $$
declare
  month timestamp := date_trunc('month', to_timestamp(moment / 1000.0) at time zone 'UTC');
  first_ms bigint := extract(epoch from month)::bigint * 1000;
  end_ms bigint := extract(epoch from month + interval '1 month')::bigint * 1000;
  part text := 'click_event_' || to_char(month, 'YYYY_MM');
begin
  if to_regclass(quote_ident(part)) is not null then return false; end if;
  perform pg_advisory_xact_lock(7310002);
  -- Asked of the catalog itself: a lock of this kind does not refresh the names that a session remembers as missing.
  if exists (select 1 from pg_class where relname = part and relnamespace = current_schema()::regnamespace) then
    return false;
  end if;
  if exists (select 1 from click_event_default where occurred_at >= first_ms and occurred_at < end_ms) then
    execute format('create table %I (like click_event including all)', part);
    execute format('with moved as (delete from click_event_default
      where occurred_at >= %s and occurred_at < %s returning *) insert into %I select * from moved', first_ms, end_ms, part);
    execute format('alter table click_event attach partition %I for values from (%s) to (%s)', part, first_ms, end_ms);
  else
    execute format('create table %I partition of click_event for values from (%s) to (%s)', part, first_ms, end_ms);
  end if;
  return true;
end $$`

/**
 * Drops the months that end at or before a time (ms, UTC); says which, and how many rows each held. The time must lie
 * 28 days back at least: who lands events may let old months go, and no more.
 */
const dropMonths = `create function drop_click_event_months(before_ms bigint) returns table (month text, events bigint)
language plpgsql security definer set search_path from current as $$
declare
  part text;
  month_end timestamp;
begin
  if before_ms > extract(epoch from now() - interval '28 days') * 1000 then
    raise exception 'months within the last 28 days are not dropped' using errcode = '22023';
  end if;
  perform pg_advisory_xact_lock(7310002);
  for part in
    select child.relname from pg_inherits join pg_class child on child.oid = inhrelid
    where inhparent = 'click_event'::regclass and child.relname ~ '^click_event_[0-9]+_[0-9]{2}$' order by 1
  loop
    month := replace(substr(part, length('click_event_') + 1), '_', '-');
    month_end := (month || '-01')::timestamp + interval '1 month';
    if extract(epoch from month_end) * 1000 <= before_ms then
      execute format('select count(*) from %I', part) into events;
      execute format('drop table %I', part);
      return next;
    end if;
  end loop;
end $$`

/** Moves every row into the partition of its month. */
export const months: Migration = {
  number: 2,
  name: 'months',
  up: [
    'alter table click_event rename to click_event_plain',
    partitionedTable,
    'create table click_event_default partition of click_event default',
    'create index click_event_listener on click_event (user_id, occurred_at)',
    'create table retracted_event (event_id text collate "C" primary key, recorded_at bigint)',
    addMonth,
    dropMonths,
    `revoke execute on function add_click_event_month(bigint) from public`,
    `revoke execute on function drop_click_event_months(bigint) from public`,
    `select add_click_event_month(min(occurred_at)) from click_event_plain
  group by date_trunc('month', to_timestamp(occurred_at / 1000.0) at time zone 'UTC')`,
    `insert into click_event (${columnsOfVersion1}) select ${columnsOfVersion1} from click_event_plain
  on conflict do nothing`,
    'drop table click_event_plain',
  ],
  down: [
    `create table click_event_plain as select ${columnsOfVersion1} from click_event`,
    ...['event_id', 'kind', 'user_id', 'occurred_at', 'artist_id', 'artist_name', 'source'].map(
      (column) => `alter table click_event_plain alter column ${column} set not null`,
    ),
    'drop table click_event',
    'alter table click_event_plain rename to click_event',
    'drop function drop_click_event_months(bigint)',
    'drop function add_click_event_month(bigint)',
    'drop table retracted_event',
  ],
}
