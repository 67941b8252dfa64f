import type { Duration } from "../domain/duration.ts"
import type { ErrorKind, RetryAdvice } from "../domain/errors.ts"

export interface TaskErrorOptions {
  /** `never`: another try cannot help, whatever retries are set. Default `later`. */
  retry?: RetryAdvice
  /** Not before so long, where the other side said when to come back. */
  after?: Duration
  /** What went wrong, for the task's `retry` rules. Default `code`. */
  kind?: Extract<ErrorKind, "transient" | "data" | "code" | "config" | "external">
  /** Names the cause: failures of one group are one incident, whatever their words and wherever they happen. */
  group?: string
  cause?: unknown
}

/** An error that says what follows from it: `throw new TaskError("No file yet", { kind: "external", after: "10m" })`. */
export class TaskError extends Error {
  override readonly name = "TaskError"
  readonly retry: RetryAdvice
  readonly after: Duration | undefined
  readonly kind: NonNullable<TaskErrorOptions["kind"]>
  readonly group: string | undefined

  constructor(message: string, options: TaskErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.retry = options.retry ?? "later"
    this.after = options.after
    this.kind = options.kind ?? "code"
    this.group = options.group?.slice(0, 200)
  }
}
