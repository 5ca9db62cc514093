// Migration 1: one plain table of click events, and the batches that landed in it; databases of version 0.1 have both.
import type { Migration } from '../../migrate.ts'

/** Does nothing where the tables are there already: that is how an older database is adopted. */
export const clickEvents: Migration = {
  number: 1,
  name: 'click-events',
  up: [
    `create table if not exists click_event (
  event_id text not null,
  kind text not null,
  user_id text not null,
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
  source text not null
)`,
    `create table if not exists landed_batch (
  batch_id text primary key,
  landed_at timestamptz not null default now()
)`,
  ],
  down: ['drop table click_event', 'drop table landed_batch'],
  discards: 'all click events and the record of the batches that landed',
}
