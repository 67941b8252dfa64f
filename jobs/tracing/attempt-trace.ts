import { isSampled, type RunTrace, runTraceOf, type Span, traceparentOf } from "#lib/server/tracing/span.ts"
import type { Claim } from "#lib/store/attempts.ts"

/** Statements of one attempt that get a span; a model of a thousand partitions is told of by the first ones. */
const MAX_STATEMENTS = 1_000

/** What an attempt's work is traced by. */
export interface AttemptTrace {
  /** Header by which others hang their spans under this attempt. */
  readonly traceparent: string
  /** Says that a statement begins; call what it gives when it is over. */
  statement(facts: {
    summary: string
    connection: string
  }): (end: { errorCode: string | null; rows: number | null }) => void
  /** The attempt is over. */
  end(facts: { outcome: string; errorCode: string | null }): void
}

export interface AttemptFacts {
  claim: Claim
  operator: string
  workerId: string
}

/** Null where the run is not among those that are traced. */
export function traceAttempt(
  { claim, operator, workerId }: AttemptFacts,
  sample: number,
  push: (span: Span) => void,
): AttemptTrace | null {
  const run: RunTrace = runTraceOf({ runId: claim.runId, createdAt: claim.runCreatedAt })
  if (!isSampled(run.traceId, sample)) return null
  const spanId = run.attemptSpanId(claim.attemptId)
  const startMs = Date.now()
  let statements = 0
  return {
    traceparent: traceparentOf(run.traceId, spanId),
    statement({ summary, connection }) {
      const place = statements++
      const beginMs = performance.timeOrigin + performance.now()
      return ({ errorCode, rows }) => {
        if (place >= MAX_STATEMENTS) return
        push({
          traceId: run.traceId,
          spanId: run.attemptSpanId(`${claim.attemptId}/statement/${place}`),
          parentSpanId: spanId,
          name: summary,
          kind: "client",
          startMs: beginMs,
          endMs: performance.timeOrigin + performance.now(),
          // OpenTelemetry semantic conventions, "Database client spans".
          attributes: {
            "db.system.name": "postgresql",
            "db.query.summary": summary,
            "db.operation.name": summary.split(" ")[0]!,
            "headrace.connection": connection,
            ...(rows !== null && { "db.response.returned_rows": rows }),
            ...(errorCode !== null && { "db.response.status_code": errorCode }),
          },
          error: errorCode,
        })
      }
    },
    end({ outcome, errorCode }) {
      push({
        traceId: run.traceId,
        spanId,
        parentSpanId: run.taskSpanId(claim.taskRunId, claim.generation),
        name: `${claim.taskId} try ${claim.attemptNumber}`,
        kind: "internal",
        startMs,
        endMs: Date.now(),
        attributes: {
          "headrace.pipeline": claim.pipelineId,
          "headrace.run.id": claim.runId,
          "headrace.task": claim.taskId,
          "headrace.attempt.id": claim.attemptId,
          "headrace.attempt.number": claim.attemptNumber,
          "headrace.operator": operator,
          "headrace.worker": workerId,
          "headrace.outcome": outcome,
          "headrace.waited_ms": Math.round(claim.waitedMs),
          "headrace.statements": statements,
          ...(claim.mapIndex >= 0 && { "headrace.map_index": claim.mapIndex }),
        },
        error: errorCode,
      })
    },
  }
}
