import { createHash } from "node:crypto"
import type pg from "pg"
import type { Manifest, ManifestTask, TaskMap } from "#lib/contracts/manifest.ts"
import { NO_TRIGGERS } from "#lib/contracts/manifest-schedule.ts"
import type { AttemptState } from "#lib/domain/attempt-state.ts"
import { isFinalRunState, type RunState } from "#lib/domain/run-state.ts"
import { isFinalTaskRunState, type TaskRunState } from "#lib/domain/task-run-state.ts"
import type { WaitKind } from "#lib/domain/wait.ts"

/**
 * Rows for tests: each factory inserts one consistent row (the CHECKs hold) and returns it as stored, so that a test
 * shows only the fields that matter to it. Missing parents are made too. Rows go in as plain SQL: factories also build
 * states that no action would leave behind.
 */
export type Queryable = Pick<pg.Pool, "query">

let counter = 0
const next = () => ++counter
const EPOCH = Date.UTC(2026, 0, 1)
const MINUTE_MS = 60_000

// Manifests ---------------------------------------------------------------------------------------------------------

export function makeManifestTask(values: Partial<ManifestTask> & { id: string }): ManifestTask {
  return {
    group: null,
    operator: "noop",
    options: {},
    description: "",
    upstream: [],
    triggerRule: "all_success",
    retry: { retries: 0, delayMs: 0, backoffFactor: 1, maxDelayMs: 0 },
    retryRules: {},
    dependsOnPast: false,
    waitForDownstream: false,
    deadlines: [],
    timeoutMs: null,
    memoryMb: 512,
    pool: null,
    poolSlots: 1,
    concurrency: null,
    priority: 1,
    hooks: { before: false, after: false },
    reads: [],
    writes: [],
    source: null,
    map: null,
    setup: false,
    teardownOf: [],
    failsRun: true,
    ...values,
  }
}

/** How a task is mapped; by default over no list of its own making. */
export function makeMap(values: Partial<TaskMap> = {}): TaskMap {
  return { over: [], label: null, limit: 10_000, maxActive: null, tolerance: { count: 0 }, ...values }
}

/** A pipeline as data; without `tasks` it has the one task `only`. */
export function makeManifest(
  values: Partial<Omit<Manifest, "tasks">> & { tasks?: (Partial<ManifestTask> & { id: string })[] } = {},
): Manifest {
  const id = values.id ?? `pipeline_${next()}`
  return {
    id,
    description: "",
    owner: null,
    tags: [],
    docs: "",
    schedule: null,
    schedules: [],
    triggers: NO_TRIGGERS,
    timezone: null,
    startDate: null,
    catchup: "latest",
    maxActiveRuns: 1,
    maxActiveTasks: null,
    concurrency: null,
    priority: 0,
    params: null,
    partition: null,
    timeoutMs: null,
    deadlines: [],
    groups: [],
    file: `pipelines/${id}.ts`,
    ...values,
    tasks: (values.tasks ?? [{ id: "only" }]).map(makeManifestTask),
  }
}

// Definitions -------------------------------------------------------------------------------------------------------

export interface VersionRow {
  id: string
  pipelineId: string
  version: number
  hash: string
  manifest: Manifest
}

export interface PipelineRow {
  id: string
  versionId: string
  version: number
  manifest: Manifest
}

/** A pipeline with its version 1, which is current. */
export async function makePipeline(
  db: Queryable,
  values: {
    id?: string
    manifest?: Manifest
    tasks?: (Partial<ManifestTask> & { id: string })[]
    isPaused?: boolean
    nextRunAt?: Date | null
    files?: Record<string, string>
  } & Partial<Omit<Manifest, "id" | "tasks">> = {},
): Promise<PipelineRow> {
  const { manifest: given, isPaused = false, nextRunAt = null, files = {}, ...rest } = values
  const manifest = given ?? makeManifest(rest)
  await insert(db, "pipeline", {
    id: manifest.id,
    description: manifest.description,
    owner: manifest.owner,
    tags: manifest.tags,
    file: manifest.file,
    is_paused: isPaused,
    current_version: 1,
    next_run_at: nextRunAt,
  })
  const version = await makeVersion(db, { pipelineId: manifest.id, version: 1, manifest, files })
  return { id: manifest.id, versionId: version.id, version: 1, manifest }
}

/** A further version of a pipeline; makes it current when `isCurrent`. */
export async function makeVersion(
  db: Queryable,
  values: {
    pipelineId: string
    version: number
    manifest?: Manifest
    files?: Record<string, string>
    hash?: string
    isCurrent?: boolean
  },
): Promise<VersionRow> {
  const manifest = values.manifest ?? makeManifest({ id: values.pipelineId })
  const files = values.files ?? {}
  const hash =
    values.hash ??
    createHash("sha256")
      .update(JSON.stringify([manifest, files, values.version]))
      .digest("hex")
  const { pipelineId, version } = values
  const row = await insert(db, "pipeline_version", {
    pipeline_id: pipelineId,
    version,
    hash,
    manifest: JSON.stringify(manifest),
    files: JSON.stringify(files),
  })
  if (values.isCurrent) {
    await db.query("update pipeline set current_version = $2 where id = $1", [pipelineId, version])
  }
  return { id: String(row.id), pipelineId, version, hash, manifest }
}

export async function makeProblem(
  db: Queryable,
  values: { file?: string; line?: number | null; pipelineId?: string | null; rule?: string; message?: string } = {},
): Promise<void> {
  await insert(db, "workspace_problem", {
    file: values.file ?? "pipelines/broken.ts",
    line: values.line ?? null,
    pipeline_id: values.pipelineId ?? null,
    rule: values.rule ?? "syntax",
    message: values.message ?? "Unexpected token: close the bracket opened in line 3.",
  })
}

// Executions --------------------------------------------------------------------------------------------------------

export interface RunRow {
  id: string
  pipelineId: string
  versionId: string
  state: RunState
  logicalAt: Date
  createdAt: Date
  /** Ids of the task runs that `tasks` made, by task id. */
  taskRunIds: Record<string, string>
}

export interface RunValues {
  pipeline?: PipelineRow
  state?: RunState
  kind?: string
  logicalAt?: Date
  intervalStart?: Date
  intervalEnd?: Date
  partitionKey?: string | null
  params?: object
  trigger?: object
  backfillId?: string | null
  failedTaskId?: string | null
  errorMessage?: string | null
  note?: string | null
  createdAt?: Date
  startedAt?: Date | null
  finishedAt?: Date | null
  /** States of task runs by task id, which are made too; `true` makes all, in the state that suits the run's. */
  tasks?: Record<string, TaskRunState> | true
}

/** A run; times follow from its state: created one minute after `logicalAt`, started a second later, one minute long. */
export async function makeRun(db: Queryable, values: RunValues = {}): Promise<RunRow> {
  const pipeline = values.pipeline ?? (await makePipeline(db))
  const state = values.state ?? "success"
  const logicalAt = values.logicalAt ?? new Date(EPOCH + next() * MINUTE_MS)
  const createdAt = values.createdAt ?? new Date(logicalAt.getTime() + MINUTE_MS)
  const startedAt = values.startedAt ?? (state === "queued" ? null : new Date(createdAt.getTime() + 1_000))
  const finishedAt =
    values.finishedAt ?? (isFinalRunState(state) ? new Date((startedAt ?? createdAt).getTime() + MINUTE_MS) : null)
  const taskStates = runTaskStates(pipeline.manifest, state, values.tasks)
  const isUnfinished = Object.values(taskStates).filter((taskState) => !isFinalTaskRunState(taskState)).length
  const row = await insert(db, "run", {
    pipeline_id: pipeline.id,
    version_id: pipeline.versionId,
    kind: values.kind ?? "manual",
    state,
    logical_at: logicalAt,
    interval_start: values.intervalStart ?? logicalAt,
    interval_end: values.intervalEnd ?? values.intervalStart ?? logicalAt,
    partition_key: values.partitionKey ?? null,
    params: JSON.stringify(values.params ?? {}),
    trigger: JSON.stringify(values.trigger ?? { by: "test" }),
    backfill_id: values.backfillId ?? null,
    unfinished: isUnfinished,
    tasks_total: pipeline.manifest.tasks.length,
    failed_task_id: values.failedTaskId ?? null,
    error_message: values.errorMessage ?? (state === "failed" ? "The task failed. Read its log." : null),
    note: values.note ?? null,
    created_at: createdAt,
    started_at: startedAt,
    finished_at: finishedAt,
  })
  const run: RunRow = {
    id: String(row.id),
    pipelineId: pipeline.id,
    versionId: pipeline.versionId,
    state,
    logicalAt,
    createdAt,
    taskRunIds: {},
  }
  for (const [taskId, taskState] of Object.entries(taskStates)) {
    run.taskRunIds[taskId] = (await makeTaskRun(db, { run, pipeline, taskId, state: taskState })).id
  }
  return run
}

function runTaskStates(manifest: Manifest, state: RunState, tasks: RunValues["tasks"]): Record<string, TaskRunState> {
  if (tasks !== true) return tasks ?? {}
  const suiting = { queued: "pending", running: "running", cancelling: "running" } as const
  const taskState: TaskRunState = isFinalRunState(state) ? state : suiting[state]
  return Object.fromEntries(manifest.tasks.map((task) => [task.id, taskState]))
}

export interface TaskRunRow {
  id: string
  runId: string
  taskId: string
  state: TaskRunState
  position: number
}

/** A task run. One that is `running` gets the running attempt its fence names. */
export async function makeTaskRun(
  db: Queryable,
  values: {
    run?: RunRow
    pipeline?: PipelineRow
    taskId?: string
    position?: number
    mapIndex?: number
    state?: TaskRunState
    reason?: string | null
    attemptCount?: number
    attemptsBefore?: number
    readyAt?: Date | null
    nextAttemptAt?: Date | null
    startedAt?: Date | null
    finishedAt?: Date | null
    workerId?: string | null
  } = {},
): Promise<TaskRunRow> {
  const pipeline = values.pipeline ?? (await makePipeline(db))
  const run = values.run ?? (await makeRun(db, { pipeline, state: "running" }))
  const tasks = pipeline.manifest.tasks
  const taskId = values.taskId ?? tasks[0]!.id
  const position = values.position ?? tasks.findIndex((task) => task.id === taskId)
  const state = values.state ?? "success"
  const hasStarted = !["pending", "ready", "upstream_failed", "skipped"].includes(state)
  const startedAt = values.startedAt ?? (hasStarted ? new Date(run.createdAt.getTime() + 1_000) : null)
  const finishedAt =
    values.finishedAt ?? (isFinalTaskRunState(state) ? new Date((startedAt ?? run.createdAt).getTime() + 10_000) : null)
  const isRunning = state === "running"
  const attemptId = isRunning ? await nextAttemptId(db) : null
  const row = await insert(db, "task_run", {
    run_id: run.id,
    pipeline_id: pipeline.id,
    task_id: taskId,
    position,
    map_index: values.mapIndex ?? -1,
    state,
    reason: values.reason ?? null,
    trigger_rule: tasks[position]?.triggerRule ?? "all_success",
    downstream: tasks.flatMap((task, index) => (task.upstream.includes(taskId) ? [index] : [])),
    upstream_total: tasks[position]?.upstream.length ?? 0,
    attempt_count: values.attemptCount ?? (isRunning ? 1 : 0),
    attempts_before: values.attemptsBefore ?? 0,
    fence: attemptId,
    ready_at: values.readyAt ?? (state === "pending" ? null : run.createdAt),
    next_attempt_at: values.nextAttemptAt ?? (state === "up_for_retry" ? new Date(Date.now() + MINUTE_MS) : null),
    started_at: startedAt,
    finished_at: finishedAt,
  })
  const taskRun: TaskRunRow = { id: String(row.id), runId: run.id, taskId, state, position }
  if (attemptId !== null) {
    await makeAttempt(db, { taskRun, id: attemptId, state: "running", workerId: values.workerId ?? null })
  }
  return taskRun
}

export interface AttemptRow {
  id: string
  taskRunId: string
  runId: string
  number: number
  state: AttemptState
}

export const A_FAILURE = {
  code: "task.failed",
  message: 'The column "discount" does not exist. Add it to the source or take it out of the query.',
  kind: "code",
  retry: "later",
  fingerprint: 'task.failed: the column "discount" does not exist.',
  where: "sql/marts/fct_orders.sql:14",
  stack: null,
} as const

export async function makeAttempt(
  db: Queryable,
  values: {
    taskRun?: TaskRunRow
    id?: string
    number?: number
    state?: AttemptState
    workerId?: string | null
    startedAt?: Date
    finishedAt?: Date | null
    heartbeatAt?: Date
    failure?: object | null
    exitCode?: number | null
    metrics?: Record<string, number> | null
    logLines?: number
  } = {},
): Promise<AttemptRow> {
  const taskRun = values.taskRun ?? (await makeTaskRun(db))
  const state = values.state ?? "success"
  const startedAt = values.startedAt ?? new Date(EPOCH + next() * MINUTE_MS)
  const finishedAt = values.finishedAt ?? (state === "running" ? null : new Date(startedAt.getTime() + 10_000))
  const needsFailure = !["running", "success", "skipped", "cancelled"].includes(state)
  const failure = values.failure ?? (needsFailure ? A_FAILURE : null)
  const number = values.number ?? 1
  const row = await insert(db, "attempt", {
    id: values.id ?? (await nextAttemptId(db)),
    task_run_id: taskRun.id,
    run_id: taskRun.runId,
    number,
    state,
    worker_id: values.workerId ?? null,
    started_at: startedAt,
    heartbeat_at: values.heartbeatAt ?? finishedAt ?? new Date(),
    finished_at: finishedAt,
    failure: failure === null ? null : JSON.stringify(failure),
    exit_code: values.exitCode ?? null,
    metrics: values.metrics ? JSON.stringify(values.metrics) : null,
    log_lines: values.logLines ?? 0,
  })
  return { id: String(row.id), taskRunId: taskRun.id, runId: taskRun.runId, number, state }
}

type LogLineValue = string | { level?: string; message: string }

/** Lines of an attempt's log, numbered on from those it has; level `info` and one second apart unless said otherwise. */
export async function makeLogLines(
  db: Queryable,
  values: { attemptId: string; lines: LogLineValue[]; at?: Date },
): Promise<void> {
  const lines = values.lines.map((line) => (typeof line === "string" ? { message: line } : line))
  const at = (values.at ?? new Date(EPOCH)).getTime()
  await db.query(
    `insert into log_line (attempt_id, line, at, level, message)
     select $1, have.last + given.number, given.at, given.level, given.message
     from (select coalesce(max(line), 0)::int as last from log_line where attempt_id = $1) have,
          unnest($2::timestamptz[], $3::text[], $4::text[]) with ordinality as given (at, level, message, number)`,
    [
      values.attemptId,
      lines.map((_, index) => new Date(at + index * 1_000)),
      lines.map((line) => ("level" in line ? line.level : undefined) ?? "info"),
      lines.map((line) => line.message),
    ],
  )
  await db.query(`update attempt set log_lines = log_lines + $2, log_bytes = log_bytes + $3 where id = $1`, [
    values.attemptId,
    lines.length,
    lines.reduce((bytes, line) => bytes + Buffer.byteLength(line.message), 0),
  ])
}

export async function makeOutput(
  db: Queryable,
  values: { taskRunId: string; key?: string; value?: unknown },
): Promise<void> {
  await insert(db, "task_output", {
    task_run_id: values.taskRunId,
    key: values.key ?? "rows",
    value: JSON.stringify(values.value ?? 1),
  })
}

export async function makeEvent(
  db: Queryable,
  values: {
    type?: string
    runId?: string
    taskRunId?: string
    pipelineId?: string
    actor?: string
    data?: object
  } = {},
): Promise<string> {
  const row = await insert(db, "event", {
    type: values.type ?? "run.started",
    pipeline_id: values.pipelineId ?? null,
    run_id: values.runId ?? null,
    task_run_id: values.taskRunId ?? null,
    actor: values.actor ?? "headrace",
    data: JSON.stringify(values.data ?? {}),
  })
  return String(row.id)
}

export async function makeWorker(
  db: Queryable,
  values: { id?: string; state?: string; slots?: number; heartbeatAt?: Date } = {},
): Promise<string> {
  const row = await insert(db, "worker", {
    id: values.id ?? `worker-${next()}`,
    host: "localhost",
    pid: 1,
    version: "0.1.0",
    state: values.state ?? "active",
    slots: values.slots ?? 8,
    heartbeat_at: values.heartbeatAt ?? new Date(),
  })
  return String(row.id)
}

// Backfills ---------------------------------------------------------------------------------------------------------

/** A backfill over `days` days with a `create` slot for each; `runs` are the ids of the first slots' runs. */
export async function makeBackfill(
  db: Queryable,
  values: {
    pipeline?: PipelineRow
    state?: string
    days?: number
    from?: Date
    concurrency?: number
    runIds?: string[]
  } = {},
): Promise<{ id: string; pipelineId: string }> {
  const pipeline = values.pipeline ?? (await makePipeline(db, { partition: "day" }))
  const state = values.state ?? "running"
  const from = values.from ?? new Date(EPOCH)
  const days = values.days ?? 3
  const row = await insert(db, "backfill", {
    pipeline_id: pipeline.id,
    state,
    range_start: from,
    range_end: new Date(from.getTime() + days * 24 * 60 * MINUTE_MS),
    concurrency: values.concurrency ?? 1,
    created_by: "test",
    finished_at: ["success", "failed", "cancelled"].includes(state) ? new Date() : null,
  })
  await db.query(
    `insert into backfill_slot (backfill_id, position, partition_key, logical_at, interval_end, action, reason, run_id,
                                slot_group)
     select $1, day, to_char($2::timestamptz at time zone 'UTC' + day * interval '1 day', 'YYYY-MM-DD'),
            $2::timestamptz + day * interval '1 day', $2::timestamptz + (day + 1) * interval '1 day',
            'create', 'missing', ($4::bigint[])[day + 1], day
     from generate_series(0, $3::int - 1) as day`,
    [row.id, from, days, values.runIds ?? []],
  )
  return { id: String(row.id), pipelineId: pipeline.id }
}

// Datasets and quality ----------------------------------------------------------------------------------------------

export async function makeDataset(
  db: Queryable,
  values: {
    id?: string
    description?: string
    owner?: string | null
    tags?: string[]
    columns?: { name: string; type: string }[]
    rowCount?: number | null
    pipelineId?: string | null
    taskId?: string | null
    updatedAt?: Date | null
  } = {},
): Promise<string> {
  const row = await insert(db, "dataset", {
    id: values.id ?? `warehouse.staging.table_${next()}`,
    description: values.description ?? "",
    owner: values.owner ?? null,
    tags: values.tags ?? [],
    columns: JSON.stringify(values.columns ?? [{ name: "id", type: "bigint" }]),
    row_count: values.rowCount ?? null,
    pipeline_id: values.pipelineId ?? null,
    task_id: values.taskId ?? null,
    updated_at: values.updatedAt ?? null,
  })
  return String(row.id)
}

export async function makeMaterialization(
  db: Queryable,
  values: {
    datasetId: string
    attempt: AttemptRow
    partitionKey?: string | null
    rowsInserted?: number
    rowsUpdated?: number
    rowsTotal?: number | null
    at?: Date
  },
): Promise<string> {
  const row = await insert(db, "materialization", {
    dataset_id: values.datasetId,
    run_id: values.attempt.runId,
    attempt_id: values.attempt.id,
    partition_key: values.partitionKey ?? null,
    rows_inserted: values.rowsInserted ?? 10,
    rows_updated: values.rowsUpdated ?? 0,
    rows_total: values.rowsTotal ?? null,
    duration_seconds: 1.5,
    at: values.at ?? new Date(),
  })
  return String(row.id)
}

export async function makeCheckResult(
  db: Queryable,
  values: {
    datasetId: string
    attempt: AttemptRow
    name?: string
    kind?: string
    dimension?: string
    severity?: string
    passed?: boolean
    message?: string
    at?: Date
  },
): Promise<string> {
  const passed = values.passed ?? true
  const row = await insert(db, "check_result", {
    dataset_id: values.datasetId,
    run_id: values.attempt.runId,
    attempt_id: values.attempt.id,
    name: values.name ?? "id is not null",
    kind: values.kind ?? "not_null",
    column_name: "id",
    dimension: values.dimension ?? "completeness",
    severity: values.severity ?? "error",
    passed,
    rows_checked: 100,
    rows_failed: passed ? 0 : 3,
    observed: null,
    message: values.message ?? (passed ? "All 100 rows pass." : "3 of 100 rows fail."),
    at: values.at ?? new Date(),
  })
  return String(row.id)
}

export async function makeScore(
  db: Queryable,
  values: { datasetId: string; runId: string | null; score: number; dimension?: string; at?: Date },
): Promise<void> {
  await insert(db, "quality_score", {
    dataset_id: values.datasetId,
    run_id: values.runId,
    dimension: values.dimension ?? "overall",
    score: values.score,
    checks: 4,
    at: values.at ?? new Date(),
  })
}

export async function makePartition(
  db: Queryable,
  values: { datasetId: string; key: string; state?: string; rows?: number | null; runId?: string | null },
): Promise<void> {
  await insert(db, "partition_state", {
    dataset_id: values.datasetId,
    partition_key: values.key,
    state: values.state ?? "fresh",
    rows: values.rows ?? null,
    run_id: values.runId ?? null,
  })
}

export async function makeWatermark(
  db: Queryable,
  values: { datasetId: string; source?: string; column?: string; value?: string },
): Promise<void> {
  await insert(db, "watermark", {
    dataset_id: values.datasetId,
    source: values.source ?? "shop.public.orders",
    column: values.column ?? "updated_at",
    value: values.value ?? "2026-01-01 00:00:00+00",
  })
}

/** What a deferred task run waits for. */
export async function makeDeferral(
  db: Queryable,
  at: { taskRunId: string; runId: string },
  values: {
    kind: WaitKind
    request?: object
    wakeAt?: Date
    expiresAt?: Date
    polls?: number
    childRunId?: string
    tokenHash?: string
  },
): Promise<void> {
  await insert(db, "deferral", {
    task_run_id: at.taskRunId,
    run_id: at.runId,
    kind: values.kind,
    request: JSON.stringify({ text: "Waits.", title: "Go on?", ...values.request }),
    wake_at: values.wakeAt ?? null,
    expires_at: values.expiresAt ?? null,
    polls: values.polls ?? 1,
    child_run_id: values.childRunId ?? null,
    token_hash: values.tokenHash ?? null,
  })
}

// One row -----------------------------------------------------------------------------------------------------------

async function nextAttemptId(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ id: string }>(`select nextval('attempt_id_seq')::text as id`)
  return rows[0]!.id
}

/** Tables and columns are written in this file only. */
async function insert(db: Queryable, table: string, row: Record<string, unknown>): Promise<{ id: unknown }> {
  const columns = Object.keys(row)
  const { rows } = await db.query<{ id: unknown }>(
    `insert into ${table} (${columns.map((column) => `"${column}"`).join(", ")})
     values (${columns.map((_, index) => `$${index + 1}`).join(", ")})
     returning *`,
    Object.values(row),
  )
  return rows[0]!
}
