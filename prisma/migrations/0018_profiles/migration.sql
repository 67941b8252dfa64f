-- What the values of tables look like, with history; rows that are not done are the queue of what is to be looked at.
-- Not breaking.

-- CreateTable
CREATE TABLE "table_profile" (
    "id" BIGSERIAL NOT NULL,
    "dataset_id" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "cause" TEXT NOT NULL,
    "actor" TEXT NOT NULL DEFAULT 'headrace',
    "sample" INTEGER,
    "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "lease_until" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "method" TEXT,
    "rows_read" BIGINT,
    "rows_total" BIGINT,
    "is_total_exact" BOOLEAN NOT NULL DEFAULT false,
    "columns" JSONB NOT NULL DEFAULT '[]',
    "columns_total" INTEGER NOT NULL DEFAULT 0,
    "message" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "table_profile_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "table_profile_dataset_id_id_idx" ON "table_profile"("dataset_id", "id" DESC);

-- AddForeignKey
ALTER TABLE "table_profile" ADD CONSTRAINT "table_profile_dataset_id_fkey" FOREIGN KEY ("dataset_id") REFERENCES "dataset"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Beyond Prisma ------------------------------------------------------------------------------------------------------

alter table table_profile
  add constraint table_profile_state check (state in ('queued', 'running', 'done', 'failed')),
  add constraint table_profile_cause check (cause in ('person', 'load', 'clock')),
  add constraint table_profile_finished check ((finished_at is not null) = (state in ('done', 'failed')));
-- One at a time of a table; asking twice is asking once.
create unique index table_profile_open on table_profile (dataset_id) where state in ('queued', 'running');
create index table_profile_queue on table_profile (id) where state in ('queued', 'running');
