-- The first schema. The upper part is what Prisma derives from schema.prisma; the part after "Beyond Prisma" is written
-- by hand: CHECKs that make impossible states impossible, and partial indexes for the scheduler's and reaper's look-ups.

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "pipeline" (
    "id" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "owner" TEXT,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "file" TEXT NOT NULL,
    "is_paused" BOOLEAN NOT NULL DEFAULT false,
    "current_version" INTEGER,
    "next_run_at" TIMESTAMPTZ(3),
    "last_logical_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pipeline_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pipeline_version" (
    "id" BIGSERIAL NOT NULL,
    "pipeline_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "manifest" JSONB NOT NULL,
    "files" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pipeline_version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workspace_problem" (
    "id" BIGSERIAL NOT NULL,
    "file" TEXT NOT NULL,
    "line" INTEGER,
    "column" INTEGER,
    "pipeline_id" TEXT,
    "rule" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_problem_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" BIGSERIAL NOT NULL,
    "pipeline_id" TEXT NOT NULL,
    "version_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "logical_at" TIMESTAMPTZ(3) NOT NULL,
    "interval_start" TIMESTAMPTZ(3) NOT NULL,
    "interval_end" TIMESTAMPTZ(3) NOT NULL,
    "partition_key" TEXT,
    "params" JSONB NOT NULL DEFAULT '{}',
    "trigger" JSONB NOT NULL DEFAULT '{}',
    "priority" INTEGER NOT NULL DEFAULT 0,
    "backfill_id" BIGINT,
    "unfinished" INTEGER NOT NULL DEFAULT 0,
    "tasks_total" INTEGER NOT NULL DEFAULT 0,
    "failed_task_id" TEXT,
    "error_message" TEXT,
    "note" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task_run" (
    "id" BIGSERIAL NOT NULL,
    "run_id" BIGINT NOT NULL,
    "pipeline_id" TEXT NOT NULL,
    "task_id" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "map_index" INTEGER NOT NULL DEFAULT -1,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "reason" TEXT,
    "trigger_rule" TEXT NOT NULL,
    "downstream" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
    "upstream_total" INTEGER NOT NULL DEFAULT 0,
    "upstream_success" INTEGER NOT NULL DEFAULT 0,
    "upstream_failed" INTEGER NOT NULL DEFAULT 0,
    "upstream_skipped" INTEGER NOT NULL DEFAULT 0,
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "attempts_before" INTEGER NOT NULL DEFAULT 0,
    "generation" INTEGER NOT NULL DEFAULT 0,
    "fence" BIGINT,
    "priority" INTEGER NOT NULL DEFAULT 0,
    "ready_at" TIMESTAMPTZ(3),
    "next_attempt_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "task_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attempt" (
    "id" BIGSERIAL NOT NULL,
    "task_run_id" BIGINT NOT NULL,
    "run_id" BIGINT NOT NULL,
    "number" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "worker_id" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "failure" JSONB,
    "exit_code" INTEGER,
    "metrics" JSONB,
    "log_lines" INTEGER NOT NULL DEFAULT 0,
    "log_bytes" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task_output" (
    "task_run_id" BIGINT NOT NULL,
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "task_output_pkey" PRIMARY KEY ("task_run_id","key")
);

-- CreateTable
CREATE TABLE "log_line" (
    "attempt_id" BIGINT NOT NULL,
    "line" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "level" TEXT NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "log_line_pkey" PRIMARY KEY ("attempt_id","line")
);

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "type" TEXT NOT NULL,
    "pipeline_id" TEXT,
    "run_id" BIGINT,
    "task_run_id" BIGINT,
    "actor" TEXT NOT NULL DEFAULT 'headrace',
    "data" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "worker" (
    "id" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'active',
    "slots" INTEGER NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "worker_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backfill" (
    "id" BIGSERIAL NOT NULL,
    "pipeline_id" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'running',
    "range_start" TIMESTAMPTZ(3) NOT NULL,
    "range_end" TIMESTAMPTZ(3) NOT NULL,
    "selection" TEXT NOT NULL DEFAULT 'all',
    "params" JSONB NOT NULL DEFAULT '{}',
    "concurrency" INTEGER NOT NULL DEFAULT 1,
    "order" TEXT NOT NULL DEFAULT 'oldest',
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "backfill_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backfill_slot" (
    "backfill_id" BIGINT NOT NULL,
    "position" INTEGER NOT NULL,
    "partition_key" TEXT NOT NULL,
    "logical_at" TIMESTAMPTZ(3) NOT NULL,
    "interval_end" TIMESTAMPTZ(3) NOT NULL,
    "action" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "run_id" BIGINT,

    CONSTRAINT "backfill_slot_pkey" PRIMARY KEY ("backfill_id","position")
);

-- CreateTable
CREATE TABLE "dataset" (
    "id" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "owner" TEXT,
    "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "partition_scheme" TEXT,
    "columns" JSONB NOT NULL DEFAULT '[]',
    "row_count" BIGINT,
    "pipeline_id" TEXT,
    "task_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "dataset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "materialization" (
    "id" BIGSERIAL NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "run_id" BIGINT NOT NULL,
    "attempt_id" BIGINT NOT NULL,
    "partition_key" TEXT,
    "rows_inserted" BIGINT NOT NULL DEFAULT 0,
    "rows_updated" BIGINT NOT NULL DEFAULT 0,
    "rows_deleted" BIGINT NOT NULL DEFAULT 0,
    "rows_rejected" BIGINT NOT NULL DEFAULT 0,
    "rows_total" BIGINT,
    "bytes" BIGINT,
    "duration_seconds" DOUBLE PRECISION NOT NULL,
    "schema_hash" TEXT,
    "watermark_before" TEXT,
    "watermark_after" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "materialization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "watermark" (
    "dataset_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "column" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "watermark_pkey" PRIMARY KEY ("dataset_id","source")
);

-- CreateTable
CREATE TABLE "partition_state" (
    "dataset_id" TEXT NOT NULL,
    "partition_key" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "run_id" BIGINT,
    "rows" BIGINT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "partition_state_pkey" PRIMARY KEY ("dataset_id","partition_key")
);

-- CreateTable
CREATE TABLE "check_result" (
    "id" BIGSERIAL NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "run_id" BIGINT NOT NULL,
    "attempt_id" BIGINT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "column_name" TEXT,
    "dimension" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "passed" BOOLEAN NOT NULL,
    "rows_checked" BIGINT NOT NULL,
    "rows_failed" BIGINT NOT NULL,
    "observed" JSONB,
    "message" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "check_result_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "quality_score" (
    "id" BIGSERIAL NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "run_id" BIGINT NOT NULL,
    "dimension" TEXT NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,
    "checks" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "quality_score_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "snapshot" (
    "id" TEXT NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "key_columns" TEXT[],
    "strategy" TEXT NOT NULL,
    "updated_at_column" TEXT,
    "check_columns" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "hard_deletes" TEXT NOT NULL DEFAULT 'ignore',
    "last_run_id" BIGINT,
    "rows_current" BIGINT,
    "rows_total" BIGINT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "snapshot_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification" (
    "id" BIGSERIAL NOT NULL,
    "run_id" BIGINT,
    "attempt_id" BIGINT,
    "channel" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "delivered_at" TIMESTAMPTZ(3),

    CONSTRAINT "notification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_key" (
    "key" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "response" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_key_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "pipeline_version_pipeline_id_version_key" ON "pipeline_version"("pipeline_id", "version");

-- CreateIndex
CREATE UNIQUE INDEX "pipeline_version_pipeline_id_hash_key" ON "pipeline_version"("pipeline_id", "hash");

-- CreateIndex
CREATE INDEX "run_pipeline_id_id_idx" ON "run"("pipeline_id", "id" DESC);

-- CreateIndex
CREATE INDEX "run_state_id_idx" ON "run"("state", "id" DESC);

-- CreateIndex
CREATE INDEX "run_created_at_idx" ON "run"("created_at");

-- CreateIndex
CREATE INDEX "run_backfill_id_idx" ON "run"("backfill_id");

-- CreateIndex
CREATE INDEX "task_run_pipeline_id_task_id_id_idx" ON "task_run"("pipeline_id", "task_id", "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "task_run_run_id_position_map_index_key" ON "task_run"("run_id", "position", "map_index");

-- CreateIndex
CREATE INDEX "attempt_run_id_idx" ON "attempt"("run_id");

-- CreateIndex
CREATE INDEX "attempt_finished_at_idx" ON "attempt"("finished_at");

-- CreateIndex
CREATE UNIQUE INDEX "attempt_task_run_id_number_key" ON "attempt"("task_run_id", "number");

-- CreateIndex
CREATE INDEX "event_run_id_id_idx" ON "event"("run_id", "id");

-- CreateIndex
CREATE INDEX "event_at_idx" ON "event"("at");

-- CreateIndex
CREATE INDEX "backfill_pipeline_id_id_idx" ON "backfill"("pipeline_id", "id" DESC);

-- CreateIndex
CREATE INDEX "materialization_dataset_id_id_idx" ON "materialization"("dataset_id", "id" DESC);

-- CreateIndex
CREATE INDEX "materialization_run_id_idx" ON "materialization"("run_id");

-- CreateIndex
CREATE INDEX "check_result_dataset_id_id_idx" ON "check_result"("dataset_id", "id" DESC);

-- CreateIndex
CREATE INDEX "check_result_run_id_idx" ON "check_result"("run_id");

-- CreateIndex
CREATE INDEX "quality_score_dataset_id_dimension_id_idx" ON "quality_score"("dataset_id", "dimension", "id" DESC);

-- CreateIndex
CREATE INDEX "notification_run_id_idx" ON "notification"("run_id");

-- CreateIndex
CREATE INDEX "notification_created_at_idx" ON "notification"("created_at");

-- CreateIndex
CREATE INDEX "idempotency_key_created_at_idx" ON "idempotency_key"("created_at");

-- AddForeignKey
ALTER TABLE "pipeline_version" ADD CONSTRAINT "pipeline_version_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipeline"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_pipeline_id_fkey" FOREIGN KEY ("pipeline_id") REFERENCES "pipeline"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_version_id_fkey" FOREIGN KEY ("version_id") REFERENCES "pipeline_version"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_backfill_id_fkey" FOREIGN KEY ("backfill_id") REFERENCES "backfill"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_run" ADD CONSTRAINT "task_run_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_task_run_id_fkey" FOREIGN KEY ("task_run_id") REFERENCES "task_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_output" ADD CONSTRAINT "task_output_task_run_id_fkey" FOREIGN KEY ("task_run_id") REFERENCES "task_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "backfill_slot" ADD CONSTRAINT "backfill_slot_backfill_id_fkey" FOREIGN KEY ("backfill_id") REFERENCES "backfill"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "materialization" ADD CONSTRAINT "materialization_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "watermark" ADD CONSTRAINT "watermark_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "partition_state" ADD CONSTRAINT "partition_state_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "check_result" ADD CONSTRAINT "check_result_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "quality_score" ADD CONSTRAINT "quality_score_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

alter table run
  add constraint run_kind check (kind in ('schedule', 'dataset', 'event', 'manual', 'backfill')),
  add constraint run_state check (state in ('queued', 'running', 'cancelling', 'success', 'failed', 'cancelled')),
  add constraint run_finished check ((finished_at is not null) = (state in ('success', 'failed', 'cancelled'))),
  add constraint run_interval check (interval_start <= interval_end),
  add constraint run_unfinished check (unfinished >= 0 and unfinished <= tasks_total);

alter table task_run
  add constraint task_run_state check (state in ('pending', 'ready', 'running', 'up_for_retry', 'deferred', 'success',
    'failed', 'skipped', 'upstream_failed', 'cancelled')),
  add constraint task_run_finished check
    ((finished_at is not null) = (state in ('success', 'failed', 'skipped', 'upstream_failed', 'cancelled'))),
  add constraint task_run_fence check ((fence is not null) = (state = 'running')),
  add constraint task_run_retry check ((next_attempt_at is not null) = (state = 'up_for_retry')),
  add constraint task_run_counts check
    (upstream_success >= 0 and upstream_failed >= 0 and upstream_skipped >= 0
     and upstream_success + upstream_failed + upstream_skipped <= upstream_total),
  add constraint task_run_rule check (trigger_rule in ('all_success', 'all_done', 'all_failed', 'one_success',
    'one_failed', 'none_failed', 'none_failed_min_one_success', 'none_skipped', 'all_skipped', 'always'));

alter table attempt
  add constraint attempt_state check
    (state in ('running', 'success', 'skipped', 'failed', 'timed_out', 'lost', 'killed', 'cancelled')),
  add constraint attempt_finished check ((finished_at is not null) = (state <> 'running')),
  add constraint attempt_failure check (state in ('running', 'success', 'skipped', 'cancelled') or failure is not null);

alter table worker add constraint worker_state check (state in ('active', 'draining', 'gone'));
alter table backfill
  add constraint backfill_state check (state in ('running', 'paused', 'success', 'failed', 'cancelled')),
  add constraint backfill_finished check ((finished_at is not null) = (state in ('success', 'failed', 'cancelled'))),
  add constraint backfill_concurrency check (concurrency between 1 and 64),
  add constraint backfill_range check (range_start < range_end);
alter table backfill_slot
  add constraint backfill_slot_action check (action in ('create', 'skip')),
  add constraint backfill_slot_run check (run_id is null or action = 'create');
alter table partition_state
  add constraint partition_state_state check (state in ('missing', 'running', 'fresh', 'failed', 'stale'));
alter table check_result
  add constraint check_result_dimension check
    (dimension in ('completeness', 'validity', 'uniqueness', 'consistency', 'timeliness', 'volume')),
  add constraint check_result_severity check (severity in ('warn', 'error')),
  add constraint check_result_rows check (rows_failed >= 0 and rows_checked >= 0);
alter table quality_score add constraint quality_score_range check (score between 0 and 100);
alter table notification add constraint notification_state check (state in ('pending', 'sent', 'failed'));
alter table log_line add constraint log_line_level check (level in ('debug', 'info', 'warn', 'error'));

-- An attempt's id is the fence token that a warehouse remembers, and the warehouse may outlive this database: the sequence
-- starts at the clock (ms), so that a new metadata database hands out larger tokens than any before it.
select setval('attempt_id_seq', (extract(epoch from clock_timestamp()) * 1000)::bigint);

-- Updated at each state change, and no indexed column changes on most: leave room for heap-only updates.
alter table run set (fillfactor = 80);
alter table task_run set (fillfactor = 70);
alter table attempt set (fillfactor = 80);

-- One run for each logical time; a backfill is a deliberate second one, once per slot.
create unique index run_once on run (pipeline_id, kind, logical_at) where backfill_id is null;
create unique index run_once_per_backfill on run (backfill_id, logical_at) where backfill_id is not null;
create index pipeline_due on pipeline (next_run_at) where next_run_at is not null and not is_paused;
create index run_active on run (pipeline_id, id) where state in ('queued', 'running', 'cancelling');
create index task_run_retry_due on task_run (next_attempt_at) where state = 'up_for_retry';
create index task_run_ready on task_run (ready_at) where state = 'ready';
create index attempt_running on attempt (worker_id) where state = 'running';
create index attempt_heartbeat on attempt (heartbeat_at) where state = 'running';
create index log_line_error on log_line (attempt_id, line) where level = 'error';
create index backfill_running on backfill (id) where state = 'running';
