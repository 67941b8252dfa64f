import { AppError } from "../../domain/errors.ts"
import { type AdapterResponse, adapterResponse } from "../adapter/adapter-response.ts"
import { single } from "../adapter/catalog.ts"
import { toText } from "../jinja/print.ts"
import type { Value } from "../jinja/values.ts"
import { inFrame, macroSql } from "../materialize/frame.ts"
import { besides, findPlace, swap } from "../materialize/swap.ts"
import type { NodeRun } from "./node-run.ts"
import type { NodeStatus } from "./protocol.ts"

export interface TestVerdict {
  status: NodeStatus
  failures: number
  message: string | null
}

/**
 * Counts what a test's query finds and judges it by severity, warn_if and error_if (dbt's documentation, "severity").
 * What it finds is kept as a table or view where `store_failures` wishes it.
 */
export function executeTest(run: NodeRun): TestVerdict & { response: AdapterResponse } {
  const query = storesFailures(run) ? storeFailures(run) : run.sql
  const [failCalc, warnIf, errorIf, limit] = ["fail_calc", "warn_if", "error_if", "limit"].map((key) => run.config(key))
  const sql = macroSql(run, "get_test_sql", [query, failCalc ?? null, warnIf ?? null, errorIf ?? null, limit ?? null])
  run.noteExecuted(sql)
  const answer = single(run.database, sql)
  const [row] = answer.rows
  if (!row) throw new AppError("model.invalid", `Test ${run.name} gave no row; its get_test_sql has to give one.`)
  const [failures, shouldWarn, shouldError] = row
  const verdict = judge(run, Number(failures ?? 0), shouldWarn === "t", shouldError === "t")
  const response = adapterResponse(answer)
  run.store("main", response, answer)
  return { ...verdict, response }
}

/** The verdict of a test that a project's own materialization ran, from what that left under "main". */
export function verdictOf(run: NodeRun, row: readonly Value[]): TestVerdict {
  const [failures, shouldWarn, shouldError] = row
  return judge(run, Number(toText(failures ?? 0)), shouldWarn === true, shouldError === true)
}

function judge(run: NodeRun, failures: number, shouldWarn: boolean, shouldError: boolean): TestVerdict {
  const isSevere = toText(run.config("severity") ?? "error").toLowerCase() !== "warn"
  const rows = `Got ${failures} ${failures === 1 ? "result" : "results"}`
  if (isSevere && shouldError) {
    return { status: "fail", failures, message: `${rows}, configured to fail if ${toText(run.config("error_if"))}` }
  }
  if (shouldWarn) {
    return { status: "warn", failures, message: `${rows}, configured to warn if ${toText(run.config("warn_if"))}` }
  }
  return { status: "pass", failures: 0, message: null }
}

function storesFailures(run: NodeRun): boolean {
  const kind = run.config("store_failures_as")
  if (kind !== null) return toText(kind) !== "ephemeral"
  return run.callMacro("should_store_failures", []) === true
}

function storeFailures(run: NodeRun): string {
  const type = toText(run.config("store_failures_as") ?? "table") === "view" ? "view" : "table"
  run.callMacro("create_schema", [run.target])
  const { relations } = inFrame(run, () => {
    const place = findPlace(run)
    const built = besides(run, type, place)
    const macro = type === "view" ? "get_create_view_as_sql" : "get_create_table_as_sql"
    const response = run.runMain(macroSql(run, macro, type === "view" ? [built, run.sql] : [false, built, run.sql]))
    return { relation: swap(run, built, place), response }
  })
  return `select * from ${relations[0]!.render()}`
}
