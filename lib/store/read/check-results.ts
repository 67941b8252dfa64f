import type { z } from "zod"
import type { Page } from "../../contracts/api/common.ts"
import type { CheckResult, checkResultQuerySchema } from "../../contracts/api/datasets.ts"
import { expectationOfCheck } from "../../contracts/expectations/of-check.ts"
import type { FailingRow } from "../../contracts/task-result.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { Bindings } from "./bindings.ts"
import { CHECK_COLUMNS } from "./current-checks.ts"
import { decodeCursor, ID_KEY, toPage } from "./cursor.ts"
import { toInstant } from "./instant.ts"

export type CheckRow = Omit<CheckResult, "at" | "expectationType" | "sentence"> & { at: Date }

/** Results of checks, newest first. */
export async function listCheckResults(
  queryable: Queryable,
  query: z.output<typeof checkResultQuerySchema>,
): Promise<Page<CheckResult>> {
  const bindings = new Bindings()
  const { bind } = bindings
  const conditions = ["true"]
  if (query.cursor) conditions.push(`c.id < ${bind(decodeCursor(query.cursor, ID_KEY))}`)
  if (query.dataset) conditions.push(`c.dataset_id = ${bind(query.dataset)}`)
  if (query.runId) conditions.push(`c.run_id = ${bind(query.runId)}`)
  if (query.name) conditions.push(`c.name = ${bind(query.name)}`)
  // A literal, so that the partial index of failed checks is found.
  if (query.passed !== undefined) conditions.push(query.passed === "true" ? "c.passed" : "not c.passed")
  const { rows } = await queryable.query<CheckRow>(
    `select ${CHECK_COLUMNS}
     from check_result c
     where ${conditions.join(" and ")}
     order by c.id desc
     limit ${bind(query.limit + 1)}`,
    bindings.values,
  )
  return toPage(rows, query.limit, toCheckResult, (row) => row.id)
}

export function toCheckResult(row: CheckRow): CheckResult {
  return { ...row, at: toInstant(row.at), ...expectationOfCheck(row) }
}

/** Some of the rows that a check found failing, as they were masked then. @throws AppError `check.not_found` */
export async function readFailingRows(queryable: Queryable, id: string): Promise<FailingRow[]> {
  const { rows } = await queryable.query<{ samples: FailingRow[] | null }>(
    "select samples from check_result where id = $1",
    [id],
  )
  if (!rows[0])
    throw new AppError("check.not_found", "There is no such result of a check; it may have been cleaned up.")
  return rows[0].samples ?? []
}
