-- What is expected of each measurement, and changes of tables' columns. Breaking for nobody: `metric_point`
-- and `anomaly` were empty.

-- AlterTable
ALTER TABLE "metric_point" ADD COLUMN "state" TEXT NOT NULL DEFAULT 'new',
ADD COLUMN "expected" DOUBLE PRECISION,
ADD COLUMN "lower" DOUBLE PRECISION,
ADD COLUMN "upper" DOUBLE PRECISION;

-- AlterTable
ALTER TABLE "anomaly" ADD COLUMN "point_id" BIGINT,
ADD COLUMN "lesson" TEXT,
ADD COLUMN "note" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "schema_change" (
    "id" BIGSERIAL NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "run_id" BIGINT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "before" JSONB NOT NULL,
    "after" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'new',
    "is_breaking" BOOLEAN NOT NULL DEFAULT false,
    "severity" TEXT NOT NULL DEFAULT 'info',
    "changes" JSONB NOT NULL DEFAULT '[]',
    "downstream" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "schema_change_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dataset_measure" (
    "dataset_id" TEXT NOT NULL,
    "measured_at" TIMESTAMPTZ(3),
    "materialization_id" BIGINT,
    "leased_until" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "dataset_measure_pkey" PRIMARY KEY ("dataset_id")
);

-- The newest measurement of each partition, in the order of partitions.
-- CreateIndex
CREATE INDEX "metric_point_partition" ON "metric_point"("dataset_id", "metric", "column_name", "partition_key" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "schema_change_dataset_id_id_idx" ON "schema_change"("dataset_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "schema_change" ADD CONSTRAINT "schema_change_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dataset_measure" ADD CONSTRAINT "dataset_measure_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Beyond Prisma ------------------------------------------------------------------------------------------------------

-- `new` is the outbox of what is to be judged: a measurement is written with its cause, and judged right after.
alter table metric_point
  add constraint metric_point_state
    check (state in ('new', 'unwatched', 'learning', 'partial', 'expected', 'unusual'));
create index metric_point_new on metric_point (id) where state = 'new';

alter table anomaly
  add constraint anomaly_lesson check (lesson is null or (lesson in ('point', 'shift') and state = 'fine'));
create unique index anomaly_point on anomaly (point_id) where point_id is not null;

alter table schema_change
  add constraint schema_change_state check (state in ('new', 'told')),
  add constraint schema_change_severity check (severity in ('info', 'warn', 'error'));
create index schema_change_new on schema_change (id) where state = 'new';

-- Workers are told of what is to be judged by the transaction that writes it, whoever that is.
create function announce_series() returns trigger language plpgsql as $$
begin
  if exists (select from new_rows where state = 'new') then
    perform pg_notify('headrace_control', '{"type":"series"}');
  end if;
  return null;
end
$$;
create trigger metric_point_series after insert on metric_point
  referencing new table as new_rows for each statement execute function announce_series();
create trigger metric_point_series_again after update on metric_point
  referencing new table as new_rows for each statement execute function announce_series();
create trigger schema_change_series after insert on schema_change
  referencing new table as new_rows for each statement execute function announce_series();
