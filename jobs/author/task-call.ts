import pg from "pg"
import type { OperatorContext } from "#jobs/operators/operator.ts"
import { withTaskSession } from "#jobs/operators/task-session.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { AuthorQuery, AuthorRow, AuthorSessionCall } from "./author-call.ts"

/** Rows that one `ctx.query` may bring into memory, in the worker and again in the child. */
const MAX_RESULT_BYTES = 16 * 1024 * 1024

/**
 * The session of a task's attempt in the author pool. The executor's signal carries the time limit, so the session has
 * none of its own. `connections` are those that `ctx.query` may use.
 */
export function taskCall(context: OperatorContext<unknown>, connections: readonly string[] = []): AuthorSessionCall {
  return {
    codeDir: context.codeDir,
    file: context.manifest.file,
    pipelineId: context.manifest.id,
    taskId: context.task.id,
    run: context.run,
    attemptId: context.attemptId,
    attemptNumber: context.attemptNumber,
    traceparent: context.trace?.traceparent ?? null,
    timeoutMs: null,
    memoryMb: context.task.memoryMb,
    signal: context.signal,
    log: context.log,
    query: queryOf(context, connections),
  }
}

/** One statement a call, each a transaction of its own, in sessions that end with the attempt. */
function queryOf(context: OperatorContext<unknown>, connections: readonly string[]): AuthorQuery {
  return async (connection, text, params) => {
    if (!connections.includes(connection)) {
      const message =
        connections.length === 0
          ? "ctx.query is for fn tasks and hooks; move the statement into one, or into a sql task."
          : `The task may not use connection "${connection}" (it declares ${connections.join(", ")}); add it to \`connections\` of its fn.`
      throw new AppError("connection.unknown", message, { kind: "config" })
    }
    const overflow = new AbortController()
    const signal = AbortSignal.any([context.signal, overflow.signal])
    return withTaskSession({ ...context, signal }, connection, (client) => boundedRows(client, text, params, overflow))
  }
}

/** Collects rows as they arrive; beyond the bound, ends the session instead of reading on. */
function boundedRows(client: pg.PoolClient, text: string, params: unknown[], overflow: AbortController) {
  return new Promise<AuthorRow[]>((resolve, reject) => {
    const rows: AuthorRow[] = []
    let bytes = 0
    // The extended protocol takes one statement only, also without parameters.
    const query = new pg.Query<AuthorRow>({ text, values: params, queryMode: "extended" } as pg.QueryConfig)
    query.on("row", (row) => {
      bytes += sizeOf(row)
      if (bytes <= MAX_RESULT_BYTES) rows.push(row)
      else if (!overflow.signal.aborted) overflow.abort(tooManyRows())
    })
    query.on("end", () => resolve(rows))
    query.on("error", reject)
    client.query(query)
  })
}

function tooManyRows(): AppError {
  const limit = `${MAX_RESULT_BYTES / 1024 / 1024} MB`
  return new AppError("task.failed", `ctx.query gave more than ${limit} of rows; add a limit, or let SQL do the work.`)
}

/** Bytes that a row takes, roughly: its texts, and a little for each value. */
function sizeOf(row: AuthorRow): number {
  let bytes = 0
  for (const value of Object.values(row)) {
    if (typeof value === "string") bytes += value.length
    else if (Buffer.isBuffer(value)) bytes += value.byteLength
    else if (typeof value === "object" && value !== null && !(value instanceof Date))
      bytes += JSON.stringify(value).length
    bytes += 16
  }
  return bytes
}
