import { isSampled, type RunTrace, runTraceOf, type Span } from "#lib/server/tracing/span.ts"
import type { SpanQueue } from "#lib/server/tracing/span-queue.ts"
import type { Store } from "#lib/store/client.ts"
import {
  type EndedRunFacts,
  type EndedTaskFacts,
  type LostAttemptFacts,
  readEndedRuns,
  readEndedTasks,
  readLostAttempts,
  takeEndedRuns,
} from "#lib/store/trace-cursor.ts"
import { inTransaction } from "#lib/store/transaction.ts"

const TASKS_AT_A_TIME = 1_000

/**
 * Makes the spans of runs that have ended, and of their tasks; true: there are more. A run that was cleared and ended again is
 * told again, under the same ids.
 */
export async function traceEndedRuns(store: Store, queue: SpanQueue, sample: number): Promise<boolean> {
  const taken = await inTransaction(store.pool, takeEndedRuns)
  if (!taken || taken.runIds.length === 0) return false
  for (const run of await readEndedRuns(store.pool, taken.runIds)) {
    const trace = runTraceOf({ runId: run.id, createdAt: run.createdAt })
    if (!isSampled(trace.traceId, sample)) continue
    for await (const span of spansOfRun(store, run, trace)) {
      await queue.roomy()
      queue.push(span)
    }
  }
  return taken.isMore
}

async function* spansOfRun(store: Store, run: EndedRunFacts, trace: RunTrace): AsyncGenerator<Span> {
  let last: EndedTaskFacts | undefined
  do {
    const tasks = await readEndedTasks(store.pool, run.id, last?.id ?? null, TASKS_AT_A_TIME)
    for (const task of tasks) yield taskSpan(run, task, trace)
    last = tasks.length === TASKS_AT_A_TIME ? tasks.at(-1) : undefined
  } while (last)
  for (const attempt of await readLostAttempts(store.pool, run.id)) yield lostSpan(run, attempt, trace)
  yield runSpan(run, trace)
}

function runSpan(run: EndedRunFacts, trace: RunTrace): Span {
  return {
    traceId: trace.traceId,
    spanId: trace.runSpanId,
    parentSpanId: null,
    name: run.pipelineId,
    kind: "internal",
    startMs: run.startedAt.getTime(),
    endMs: run.finishedAt.getTime(),
    attributes: {
      "headrace.pipeline": run.pipelineId,
      "headrace.pipeline.version": run.version,
      "headrace.run.id": run.id,
      "headrace.run.kind": run.kind,
      "headrace.run.state": run.state,
      "headrace.run.queued_ms": run.startedAt.getTime() - run.createdAt.getTime(),
      ...(run.partitionKey !== null && { "headrace.partition": run.partitionKey }),
      ...(run.failedTaskId !== null && { "headrace.failed_task": run.failedTaskId }),
    },
    error: run.state === "failed" ? "run.failed" : null,
  }
}

function taskSpan(run: EndedRunFacts, task: EndedTaskFacts, trace: RunTrace): Span {
  return {
    traceId: trace.traceId,
    spanId: trace.taskSpanId(task.id, task.generation),
    parentSpanId: trace.runSpanId,
    name: task.mapIndex < 0 ? task.taskId : `${task.taskId}[${task.mapIndex}]`,
    kind: "internal",
    startMs: task.startedAt.getTime(),
    endMs: task.finishedAt.getTime(),
    attributes: {
      "headrace.pipeline": run.pipelineId,
      "headrace.run.id": run.id,
      "headrace.task": task.taskId,
      "headrace.task.state": task.state,
      "headrace.task.attempts": task.attempts,
    },
    error: task.state === "failed" ? (task.failureCode ?? "task.failed") : null,
  }
}

function lostSpan(run: EndedRunFacts, attempt: LostAttemptFacts, trace: RunTrace): Span {
  return {
    traceId: trace.traceId,
    spanId: trace.attemptSpanId(attempt.id),
    parentSpanId: trace.taskSpanId(attempt.taskRunId, attempt.generation),
    name: `${attempt.taskId} try ${attempt.number}`,
    kind: "internal",
    startMs: attempt.startedAt.getTime(),
    endMs: attempt.finishedAt.getTime(),
    attributes: {
      "headrace.pipeline": run.pipelineId,
      "headrace.run.id": run.id,
      "headrace.task": attempt.taskId,
      "headrace.attempt.id": attempt.id,
      "headrace.attempt.number": attempt.number,
      "headrace.outcome": "lost",
      ...(attempt.workerId !== null && { "headrace.worker": attempt.workerId }),
    },
    error: "attempt.lost",
  }
}
