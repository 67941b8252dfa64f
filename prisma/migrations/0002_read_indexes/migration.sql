-- Indexes for the screens' lists, each named by the read that walks it. Not breaking. The upper part is what Prisma derives
-- from schema.prisma; the partial indexes below are beyond it.

-- Runs of a pipeline in some states; its last successful runs (medians).
-- CreateIndex
CREATE INDEX "run_pipeline_id_state_id_idx" ON "run"("pipeline_id", "state", "id" DESC);

-- Runs of a version; also the foreign key's own look-up.
-- CreateIndex
CREATE INDEX "run_version_id_idx" ON "run"("version_id");

-- Runs of a rare kind.
-- CreateIndex
CREATE INDEX "run_kind_id_idx" ON "run"("kind", "id" DESC);

-- The newest result of each check of a dataset, by skipping from name to name.
-- CreateIndex
CREATE INDEX "check_result_dataset_id_name_id_idx" ON "check_result"("dataset_id", "name", "id" DESC);


-- Beyond Prisma ------------------------------------------------------------------------------------------------------

-- What became of a partition (backfill plans).
create index run_partition on run (pipeline_id, partition_key, id desc) where partition_key is not null;
-- Search in error messages reads failed runs only.
create index run_error on run (id desc) where error_message is not null;
create index check_result_failed on check_result (id desc) where not passed;
-- Rows loaded a day, read from the index alone.
create index materialization_at on materialization (at) include (rows_inserted, rows_updated);
-- Scores of the estate a day.
create index quality_score_overall on quality_score (at) include (score) where dimension = 'overall';
