/** What went wrong, in the terms that decide who acts: a transient fault mends itself, code and config need an edit. */
export const ERROR_KINDS = ["transient", "data", "code", "config", "external", "cancelled", "infrastructure"] as const
export type ErrorKind = (typeof ERROR_KINDS)[number]

/** Closed list of codes; `lib/server/http.ts` maps each to a status (RFC 9457). */
export const ERROR_CODES = [
  "request.invalid",
  "request.conflict",
  "request.not_found",
  "request.method_not_allowed",
  "request.too_large",
  "auth.required",
  "auth.forbidden",
  "pipeline.not_found",
  "pipeline.invalid",
  "pipeline.version_not_found",
  "run.not_found",
  "run.exists",
  "run.not_active",
  "run.params_invalid",
  "run.version_differs",
  "task_run.not_found",
  "task_run.wrong_state",
  "run.too_deep",
  "run.child_failed",
  "wait.not_found",
  "wait.timed_out",
  "approval.rejected",
  "attempt.not_found",
  "attempt.superseded",
  "attempt.lost",
  "attempt.timed_out",
  "attempt.killed",
  "attempt.out_of_memory",
  "attempt.cancelled",
  "dataset.not_found",
  "dataset.version_not_found",
  "dataset.not_watched",
  "dataset.no_history",
  "backfill.not_found",
  "backfill.invalid",
  "pool.not_found",
  "pool.in_use",
  "trigger.nobody_waits",
  "workspace.invalid",
  "workspace.missing_file",
  "task.failed",
  "task.exit_code",
  "task.output_too_large",
  "check.failed",
  "check.not_found",
  "connection.unknown",
  "connection.failed",
  "source.column_missing",
  "source.table_missing",
  "data.invalid_row",
  "load.superseded",
  "sql.failed",
  "sql.parameter_missing",
  "http.status",
  "http.failed",
  "notify.failed",
  "webhook.not_found",
  "webhook.invalid",
  "anomaly.not_found",
  "anomaly.not_fine",
  "incident.not_found",
  "incident.wrong_state",
  "alert.not_found",
  "alert.invalid",
  "model.invalid",
  "model.failed",
  "engine.timeout",
  "store.unavailable",
  "internal",
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

export type RetryAdvice = "never" | "later"

/**
 * The one error class. `message` is one sentence, safe to show, and says what to do next; `details` go to the log only.
 * The executor retries on `retry`, never on message text.
 */
export class AppError extends Error {
  override readonly name = "AppError"
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly retry: RetryAdvice
  readonly retryAfterMs: number | undefined
  readonly details: Record<string, unknown>
  /** Where it happened, for people: `sql/staging/stg_orders.sql:14`. */
  readonly where: string | null
  /** The stack in the author's files, where author code threw. */
  readonly authorStack: string | null
  /** What the author says the cause is. */
  readonly group: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      kind?: ErrorKind
      retry?: RetryAdvice
      retryAfterMs?: number | undefined
      details?: Record<string, unknown>
      where?: string | null
      authorStack?: string | null
      group?: string | undefined
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.kind = options.kind ?? "code"
    this.retry = options.retry ?? "never"
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details ?? {}
    this.where = options.where ?? null
    this.authorStack = options.authorStack ?? null
    this.group = options.group
  }
}

/** A failure as stored with an attempt and shown to people. */
export interface Failure {
  code: ErrorCode
  message: string
  kind: ErrorKind
  retry: RetryAdvice
  /** With `later`: no try before so long, where the failure knows. */
  retryAfterMs?: number | undefined
  /** Groups equal failures: code plus the message with its numbers, quotes and ids taken out. */
  fingerprint: string
  where: string | null
  /** First lines of the stack in author code; never our own frames. */
  stack: string | null
  /** What the author says the cause is: failures of one group are one incident. */
  group?: string | undefined
}

/**
 * Turns anything thrown into a {@link Failure}. Unknown errors count as `code` and may be retried: an author's
 * exception is as likely a flaky dependency as a bug, and the number of retries is the author's to set.
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof AppError) {
    return {
      code: error.code,
      message: error.message,
      kind: error.kind,
      retry: error.retry,
      ...(error.retryAfterMs !== undefined && { retryAfterMs: error.retryAfterMs }),
      fingerprint: fingerprint(error.code, error.message),
      where: error.where,
      stack: error.authorStack,
      ...(error.group !== undefined && { group: error.group }),
    }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: "task.failed",
    message: message || "The task failed without a message.",
    kind: "code",
    retry: "later",
    fingerprint: fingerprint("task.failed", message),
    where: null,
    stack: error instanceof Error ? (error.stack ?? null) : null,
  }
}

/** Normalises a message so that the same cause with other ids, numbers or quoted values gives the same text. */
export function fingerprint(code: ErrorCode, message: string): string {
  const normalised = message
    .toLowerCase()
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replace(/\d{4}-\d{2}-\d{2}([t ][\d:.]+(z|[+-]\d{2}:?\d{2})?)?/g, "<time>")
    // Not the apostrophe of "can't".
    .replace(/"[^"]*"|(?<!\w)'[^']*'(?!\w)/g, "<value>")
    .replace(/\d+/g, "<n>")
    .replace(/\s+/g, " ")
    .trim()
  return `${code}: ${normalised.slice(0, 200)}`
}
