-- What trust is made of: policies of datasets, series of measurements, anomalies, freshness, incidents. Not breaking.

-- CreateTable
CREATE TABLE "dataset_policy" (
    "dataset_id" TEXT NOT NULL,
    "file" TEXT NOT NULL,
    "line" INTEGER,
    "hash" TEXT NOT NULL,
    "policy" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dataset_policy_pkey" PRIMARY KEY ("dataset_id")
);

-- CreateTable
CREATE TABLE "metric_point" (
    "id" BIGSERIAL NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "metric" TEXT NOT NULL,
    "column_name" TEXT NOT NULL DEFAULT '',
    "partition_key" TEXT,
    "run_id" BIGINT,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "value" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "metric_point_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "anomaly" (
    "id" BIGSERIAL NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "metric" TEXT NOT NULL,
    "column_name" TEXT NOT NULL DEFAULT '',
    "partition_key" TEXT,
    "run_id" BIGINT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "expected" DOUBLE PRECISION NOT NULL,
    "lower" DOUBLE PRECISION NOT NULL,
    "upper" DOUBLE PRECISION NOT NULL,
    "rule" TEXT NOT NULL,
    "severity" TEXT NOT NULL DEFAULT 'warn',
    "state" TEXT NOT NULL DEFAULT 'open',
    "closed_by" TEXT,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "anomaly_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "freshness_status" (
    "dataset_id" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'unknown',
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "data_at" TIMESTAMPTZ(3),
    "loaded_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3),
    "checked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "message" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "freshness_status_pkey" PRIMARY KEY ("dataset_id")
);

-- CreateTable
CREATE TABLE "incident" (
    "id" BIGSERIAL NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "message" TEXT NOT NULL DEFAULT '',
    "severity" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "fingerprint" TEXT,
    "pipeline_id" TEXT,
    "task_id" TEXT,
    "dataset_id" TEXT,
    "first_run_id" BIGINT,
    "last_run_id" BIGINT,
    "owner" TEXT,
    "assignee" TEXT,
    "occurrences" INTEGER NOT NULL DEFAULT 0,
    "reopened" INTEGER NOT NULL DEFAULT 0,
    "first_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by" TEXT,
    "snoozed_until" TIMESTAMPTZ(3),
    "resolved_at" TIMESTAMPTZ(3),
    "resolved_by" TEXT,
    "details" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident_occurrence" (
    "id" BIGSERIAL NOT NULL,
    "incident_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "is_root" BOOLEAN NOT NULL DEFAULT true,
    "run_id" BIGINT,
    "task_run_id" BIGINT,
    "attempt_id" BIGINT,
    "pipeline_id" TEXT,
    "task_id" TEXT,
    "dataset_id" TEXT,
    "message" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "incident_occurrence_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident_event" (
    "id" BIGSERIAL NOT NULL,
    "incident_id" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "type" TEXT NOT NULL,
    "actor" TEXT NOT NULL DEFAULT 'headrace',
    "body" TEXT NOT NULL DEFAULT '',
    "data" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "incident_event_pkey" PRIMARY KEY ("id")
);

-- AlterTable: monitors check tables without a run.
ALTER TABLE "check_result" ALTER COLUMN "run_id" DROP NOT NULL,
ALTER COLUMN "attempt_id" DROP NOT NULL,
ADD COLUMN "partition_key" TEXT,
ADD COLUMN "samples" JSONB;

-- AlterTable
ALTER TABLE "quality_score" ALTER COLUMN "run_id" DROP NOT NULL;

-- A series, newest first.
-- CreateIndex
CREATE INDEX "metric_point_dataset_id_metric_column_name_at_idx" ON "metric_point"("dataset_id", "metric", "column_name", "at" DESC);

-- Retention.
-- CreateIndex
CREATE INDEX "metric_point_at_idx" ON "metric_point"("at");

-- CreateIndex
CREATE INDEX "anomaly_dataset_id_id_idx" ON "anomaly"("dataset_id", "id" DESC);

-- CreateIndex
CREATE INDEX "incident_last_at_idx" ON "incident"("last_at" DESC);

-- CreateIndex
CREATE INDEX "incident_occurrence_incident_id_id_idx" ON "incident_occurrence"("incident_id", "id" DESC);

-- CreateIndex
CREATE INDEX "incident_occurrence_run_id_idx" ON "incident_occurrence"("run_id");

-- CreateIndex
CREATE INDEX "incident_event_incident_id_id_idx" ON "incident_event"("incident_id", "id");

-- AddForeignKey
ALTER TABLE "dataset_policy" ADD CONSTRAINT "dataset_policy_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metric_point" ADD CONSTRAINT "metric_point_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "anomaly" ADD CONSTRAINT "anomaly_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "freshness_status" ADD CONSTRAINT "freshness_status_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "incident_occurrence" ADD CONSTRAINT "incident_occurrence_incident_id_fkey" FOREIGN KEY ("incident_id") REFERENCES "incident"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "incident_event" ADD CONSTRAINT "incident_event_incident_id_fkey" FOREIGN KEY ("incident_id") REFERENCES "incident"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

alter table check_result
  add constraint check_result_origin check ((run_id is null) = (attempt_id is null));

alter table anomaly
  add constraint anomaly_severity check (severity in ('warn', 'error')),
  add constraint anomaly_state check (state in ('open', 'fine', 'closed')),
  add constraint anomaly_closed check ((closed_at is not null) = (state <> 'open'));
create index anomaly_open on anomaly (dataset_id) where state = 'open';

alter table freshness_status
  add constraint freshness_status_state check (state in ('unknown', 'fresh', 'warn', 'error'));

alter table incident
  add constraint incident_severity check (severity in ('info', 'warning', 'critical')),
  add constraint incident_state check (state in ('open', 'acknowledged', 'resolved')),
  add constraint incident_acknowledged check (state <> 'acknowledged' or acknowledged_at is not null),
  add constraint incident_resolved check ((resolved_at is not null) = (state = 'resolved'));
-- One incident for one cause at a time; a resolved one is reopened when it comes back.
create unique index incident_key on incident (key);
create index incident_unresolved on incident (severity, last_at desc) where state <> 'resolved';
-- An attempt is counted once, however often its end is looked at.
create unique index incident_occurrence_attempt on incident_occurrence (attempt_id) where attempt_id is not null;
