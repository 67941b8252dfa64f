import type { Attempt, RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"

/** An instant on a fixed morning, `seconds` after 05:00 UTC. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 2, 17, 5) + seconds * 1_000).toISOString()
}

export function attemptOf(number: number, from: number, to: number | null, state: Attempt["state"]): Attempt {
  return {
    id: String(number),
    number,
    state,
    workerId: "worker-1",
    readyAt: null,
    admittedAt: null,
    startedAt: at(from),
    finishedAt: to === null ? null : at(to),
    durationMs: to === null ? null : (to - from) * 1_000,
    failure: null,
    exitCode: null,
    metrics: {},
    logLines: 0,
  }
}

/** A task run for tests; a test names only what matters to it. */
export function taskRunOf(taskId: string, fields: Partial<TaskRun> = {}): TaskRun {
  const attempts = fields.attempts ?? []
  return {
    id: taskId,
    runId: "412",
    taskId,
    mapIndex: -1,
    label: null,
    instances: null,
    group: null,
    operator: "sql",
    state: "pending",
    reason: null,
    triggerRule: "all_success",
    attemptCount: attempts.length,
    maxAttempts: 3,
    readyAt: null,
    waitingFor: null,
    nextAttemptAt: null,
    startedAt: attempts[0]?.startedAt ?? null,
    finishedAt: attempts.at(-1)?.finishedAt ?? null,
    durationMs: null,
    attempts,
    outputs: {},
    wait: null,
    ...fields,
  }
}

/** A run of these tasks that began at 05:00 UTC. */
export function runOf(taskRuns: TaskRun[], fields: Partial<RunDetail> = {}): RunDetail {
  return {
    id: "412",
    pipelineId: "daily_etl",
    version: 87,
    versionHash: "4e1c9a2",
    kind: "schedule",
    state: "running",
    logicalAt: at(0),
    intervalStart: at(-86_400),
    intervalEnd: at(0),
    partitionKey: "2026-03-16",
    triggeredBy: "scheduler",
    triggerReason: null,
    createdAt: at(0),
    startedAt: at(0),
    finishedAt: null,
    durationMs: null,
    tasks: {},
    tasksTotal: taskRuns.length,
    failedTaskId: null,
    errorMessage: null,
    backfillId: null,
    params: {},
    note: null,
    taskRuns,
    medianDurationMs: null,
    taskMediansMs: {},
    materializations: [],
    rowsWritten: 0,
    calledBy: null,
    ...fields,
  }
}
