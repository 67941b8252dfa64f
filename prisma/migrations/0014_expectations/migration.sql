-- What a check was asked, and that it may have had nothing to look at or could not be computed. Not breaking.

-- AlterTable
ALTER TABLE "check_result" ADD COLUMN "details" JSONB,
ADD COLUMN "state" TEXT;

-- Beyond Prisma ------------------------------------------------------------------------------------------------------

-- Null: it follows from `passed`, as for results of before.
alter table check_result
  add constraint check_result_state check (state in ('passed', 'failed', 'empty', 'error')),
  add constraint check_result_passed check (passed = (state in ('passed', 'empty')));
