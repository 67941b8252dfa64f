import { STATUS_CODES } from "node:http"
import type { Problem } from "#lib/contracts/api/common.ts"
import { AppError, type ErrorCode } from "#lib/domain/errors.ts"
import { isStoreAway } from "#lib/store/is-store-away.ts"
import { log } from "./log.ts"

/** The one map from error codes to HTTP. A code that is missing here does not compile. */
export const STATUS_BY_CODE = {
  "request.invalid": 400,
  "request.conflict": 409,
  "request.not_found": 404,
  "request.method_not_allowed": 405,
  "request.too_large": 413,
  "auth.required": 401,
  "auth.forbidden": 403,
  "pipeline.not_found": 404,
  "pipeline.invalid": 409,
  "pipeline.version_not_found": 404,
  "run.not_found": 404,
  "run.exists": 409,
  "run.not_active": 409,
  "run.params_invalid": 422,
  "run.version_differs": 409,
  "task_run.not_found": 404,
  "task_run.wrong_state": 409,
  "run.too_deep": 409,
  "run.child_failed": 500,
  "wait.not_found": 404,
  "wait.timed_out": 500,
  "approval.rejected": 500,
  "attempt.not_found": 404,
  "attempt.superseded": 409,
  "attempt.lost": 500,
  "attempt.timed_out": 500,
  "attempt.killed": 500,
  "attempt.out_of_memory": 500,
  "attempt.cancelled": 500,
  "dataset.not_found": 404,
  "dataset.version_not_found": 404,
  "dataset.not_watched": 409,
  "dataset.no_history": 422,
  "backfill.not_found": 404,
  "backfill.invalid": 422,
  "pool.not_found": 404,
  "pool.in_use": 409,
  "trigger.nobody_waits": 404,
  "workspace.invalid": 422,
  "workspace.missing_file": 422,
  "task.failed": 500,
  "task.exit_code": 500,
  "task.output_too_large": 500,
  "check.failed": 500,
  "check.not_found": 404,
  "connection.unknown": 422,
  "connection.failed": 502,
  "source.column_missing": 500,
  "source.table_missing": 500,
  "data.invalid_row": 500,
  "load.superseded": 409,
  "sql.failed": 500,
  "model.invalid": 422,
  "model.failed": 500,
  "sql.parameter_missing": 500,
  "http.status": 502,
  "http.failed": 502,
  "notify.failed": 502,
  "webhook.not_found": 404,
  "webhook.invalid": 422,
  "anomaly.not_found": 404,
  "anomaly.not_fine": 409,
  "incident.not_found": 404,
  "incident.wrong_state": 409,
  "alert.not_found": 404,
  "alert.invalid": 422,
  "engine.timeout": 504,
  "store.unavailable": 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>

/** A request that does not fit its schema, with each place that does not. */
export class RequestError extends AppError {
  readonly issues: NonNullable<Problem["issues"]>

  constructor(message: string, issues: NonNullable<Problem["issues"]> = []) {
    super("request.invalid", message)
    this.issues = issues
  }
}

/**
 * Turns anything thrown into a problem (RFC 9457). Only AppErrors are shown; anything else becomes `internal` with the
 * request's id, under which the log has the details.
 */
export function toProblem(error: unknown, requestId: string): Problem {
  const known = error instanceof AppError ? error : translate(error)
  if (!known) {
    log.error({ requestId, error: loggable(error) }, "request failed")
    return problem(
      "internal",
      `Something went wrong inside Headrace; look for request ${requestId} in the server's log.`,
    )
  }
  if (STATUS_BY_CODE[known.code] >= 500 || Object.keys(known.details).length > 0) {
    log.warn({ requestId, code: known.code, message: known.message, details: known.details }, "request refused")
  }
  const issues = known instanceof RequestError && known.issues.length > 0 ? { issues: known.issues } : {}
  return { ...problem(known.code, known.message), ...issues }
}

/** The answer that carries a problem. */
export function problemResponse(body: Problem, requestId: string): Response {
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
      ...(body.code === "store.unavailable" ? { "retry-after": "2" } : {}),
    },
  })
}

function problem(code: ErrorCode, detail: string): Problem {
  const status = STATUS_BY_CODE[code]
  return { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail, code }
}

/** Numeric value out of range, invalid text representation, character not in repertoire, untranslatable character. */
const BAD_VALUE = new Set(["22003", "22P02", "22021", "22P05"])
const DISK_FULL = "53100"

/** What drivers throw, as far as it is not our fault; null for the rest. */
function translate(error: unknown): AppError | null {
  const { code, message } = factsOf(error)
  if (BAD_VALUE.has(code)) {
    return new RequestError(
      "A value of the request cannot be stored: a number is too large or a text has a NUL character.",
    )
  }
  const advice = isStoreAway(error)
    ? "Headrace's database does not answer; check that it runs, then try again."
    : code === DISK_FULL
      ? "The disk of Headrace's database is full; make room on it, then try again."
      : null
  return (
    advice &&
    new AppError("store.unavailable", advice, {
      kind: "infrastructure",
      retry: "later",
      details: { code, error: message },
      cause: error,
    })
  )
}

/** Without the fields in which Postgres quotes rows. */
function loggable(error: unknown): object {
  const { code, message } = factsOf(error)
  return { code, message: message || String(error), stack: error instanceof Error ? error.stack : undefined }
}

function factsOf(error: unknown): { code: string; message: string } {
  // Node reports a refused connection to a name with several addresses as one error around several.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const { code, message } = (first ?? {}) as { code?: unknown; message?: unknown }
  return { code: typeof code === "string" ? code : "", message: typeof message === "string" ? message : "" }
}
