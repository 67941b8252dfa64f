import { type EventEmitter, errorMonitor } from "node:events"
import type pg from "pg"
import type { AttemptTrace } from "./attempt-trace.ts"
import { statementSummary } from "./statement-summary.ts"

/**
 * Gives each statement on a lent client a span, until the function that it returns is called. Statements come as text, as
 * configurations, and as objects that drive the protocol themselves (copies, cursors), whose end is that of their stream.
 */
export function traceClient(client: pg.PoolClient, connection: string, trace: AttemptTrace): () => void {
  const plain = client.query
  const traced = (...args: unknown[]): unknown => {
    const end = trace.statement({ summary: statementSummary(textOf(args[0])), connection })
    const answer = (plain as (...given: unknown[]) => unknown).apply(client, args)
    if (isPromise(answer)) {
      answer.then(
        (result) => end({ errorCode: null, rows: rowsOf(result) }),
        (error) => end({ errorCode: codeOf(error), rows: null }),
      )
    } else if (isEmitter(answer)) {
      let isOver = false
      const once = (errorCode: string | null) => {
        if (!isOver) end({ errorCode, rows: null })
        isOver = true
      }
      for (const event of ["end", "finish", "close"]) answer.once(event, () => once(null))
      // A listener of `error` itself would hide an error that nobody else listens for.
      answer.once(errorMonitor, (error: unknown) => once(codeOf(error)))
    }
    return answer
  }
  client.query = traced as typeof client.query
  return () => {
    client.query = plain
  }
}

function textOf(statement: unknown): string {
  if (typeof statement === "string") return statement
  // A query's configuration, or a copy or cursor, which keep theirs in a query of their own.
  const { text, cursor } = statement as { text?: unknown; cursor?: { text?: unknown } }
  const found = text ?? cursor?.text
  return typeof found === "string" ? found : ""
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { then?: unknown } | null)?.then === "function"
}

function isEmitter(value: unknown): value is EventEmitter {
  return typeof (value as { once?: unknown } | null)?.once === "function"
}

/** Rows that were given or changed; a text of several statements gives a list of results. */
function rowsOf(result: unknown): number | null {
  const last = Array.isArray(result) ? result.at(-1) : result
  const count = (last as { rowCount?: unknown } | undefined)?.rowCount
  return typeof count === "number" ? count : null
}

/** A SQLSTATE, or what Node calls the trouble with the connection. */
function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === "string" ? code : "unknown"
}
