import type pg from "pg"
import { inTransaction } from "./session.ts"

/**
 * Makes the warehouse's own schema `headrace` and its tables where they are missing: one statement when they are there,
 * safe for any number of processes. Later versions add to it with `if not exists`, never change what is there.
 */
export async function ensureWarehouseSchema(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query("select 1 where to_regclass('headrace.partition_state') is not null")
  if (rows.length > 0) return
  // Before the transaction: its begin is what brings the names that others made meanwhile to this session's notice.
  await client.query("select pg_advisory_lock(hashtextextended($1, 0))", [LOCK])
  try {
    await inTransaction(client, "begin", () => client.query(TABLES))
  } finally {
    await client.query("select pg_advisory_unlock(hashtextextended($1, 0))", [LOCK])
  }
}

const LOCK = "headrace:warehouse-schema"

/** The table asked for above comes last, so that its presence means all are there. */
const TABLES = `
create schema if not exists headrace;

-- Numbers loads of raw tables in the order in which they became visible.
create sequence if not exists headrace.load_version as bigint;

-- The largest token that wrote a dataset's partition. Its row is the lock under which a partition is published.
create table if not exists headrace.fence (
  dataset text not null,
  partition_key text not null,
  token bigint not null,
  execution_key text not null,
  updated_at timestamptz not null default now(),
  primary key (dataset, partition_key)
);

-- One row per published execution: a retry after a crash finds it and does not load again.
create table if not exists headrace.load_ledger (
  execution_key text not null,
  partition_key text not null,
  run_id bigint not null,
  task_id text not null,
  attempt_id bigint not null,
  datasets text[] not null,
  rows_inserted bigint not null,
  rows_updated bigint not null,
  rows_deleted bigint not null,
  rows_rejected bigint not null,
  result jsonb not null,
  published_at timestamptz not null default now(),
  primary key (execution_key, partition_key)
);
create index if not exists load_ledger_published_at on headrace.load_ledger (published_at);

-- How far a source has been read into a dataset. read_at is the source's clock when its snapshot was taken.
create table if not exists headrace.watermark (
  dataset text not null,
  source text not null,
  column_name text not null,
  value text,
  read_at timestamptz not null,
  updated_at timestamptz not null default now(),
  primary key (dataset, source)
);

create table if not exists headrace.partition_state (
  dataset text not null,
  partition_key text not null,
  state text not null check (state in ('missing', 'running', 'fresh', 'failed', 'stale')),
  run_id bigint not null,
  rows bigint,
  updated_at timestamptz not null default now(),
  primary key (dataset, partition_key)
);
`
