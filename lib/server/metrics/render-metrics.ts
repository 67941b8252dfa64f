import type { ProcessFigures, WorkerFigures } from "#lib/contracts/process-figures.ts"
import { DURATION_BUCKETS, LATENCY_BUCKETS } from "#lib/domain/duration-buckets.ts"
import type { MetricsSnapshot } from "#lib/store/read/metrics.ts"
import { HEADRACE_VERSION } from "../version.ts"
import { Exposition, type Format, type Labels, type Value } from "./exposition.ts"

type Sample = readonly [Value, Labels?]

/** The statuses that every pipeline has from its first day: a series that begins at 1 is an increase nobody sees. */
const STATUSES = ["success", "failed", "cancelled"] as const

export interface MetricsInput {
  /** Null: the database did not answer. */
  snapshot: MetricsSnapshot | null
  /** Of this web process. */
  web: ProcessFigures
}

/** All metrics as one document; docs/metrics.md says what each means. */
export function renderMetrics({ snapshot, web }: MetricsInput, format: Format): string {
  const out = new Exposition(format)
  out.family({ name: "headrace_build_info", type: "info", help: "The version that answers." }, [
    [1, { version: HEADRACE_VERSION }],
  ])
  out.family({ name: "headrace_database_up", type: "gauge", help: "Whether Headrace's database answered." }, [
    [snapshot ? 1 : 0],
  ])
  if (snapshot) {
    renderPipelines(out, snapshot)
    renderTables(out, snapshot)
    renderQueue(out, snapshot)
    renderTrouble(out, snapshot)
    renderWorkers(out, snapshot)
  }
  renderProcesses(out, snapshot, web)
  return out.toString()
}

function renderPipelines(out: Exposition, { pipelines, pipelinesLeftOut, runs }: MetricsSnapshot): void {
  const byKey = new Map(runs.map((counts) => [`${counts.status} ${counts.pipelineId}`, counts]))
  const everyStatus = (value: (counts: (typeof runs)[number] | undefined) => Value): Sample[] =>
    pipelines.flatMap(({ id }) =>
      STATUSES.map((status): Sample => [value(byKey.get(`${status} ${id}`)), { pipeline_name: id, status }]),
    )
  out.family(
    { name: "pipeline_info", type: "info", help: "A pipeline that the workspace defines." },
    pipelines.map(({ id, owner, version }) => [
      1,
      { pipeline_name: id, ...(owner && { owner }), version: String(version) },
    ]),
  )
  out.family(
    { name: "headrace_pipeline_paused", type: "gauge", help: "Whether the pipeline is paused." },
    pipelines.map(({ id, isPaused }) => [isPaused ? 1 : 0, { pipeline_name: id }]),
  )
  out.family(
    { name: "pipeline_runs_total", type: "counter", help: "Runs that ended, by how." },
    everyStatus((counts) => counts?.runs ?? 0),
  )
  out.family(
    {
      name: "headrace_pipeline_last_run_timestamp_seconds",
      type: "gauge",
      help: "When a run last ended so, as Unix time; 0 if none did.",
    },
    everyStatus((counts) => counts?.lastAt ?? 0),
  )
  out.histograms(
    { name: "pipeline_duration_seconds", help: "How long runs took from start to end; repeated ones are left out." },
    DURATION_BUCKETS,
    runs
      .filter(({ durations }) => durations.size > 0)
      .map(({ pipelineId, status, durations, seconds }) => [
        { counts: durations, sum: seconds },
        { pipeline_name: pipelineId, status },
      ]),
  )
  out.family(
    { name: "headrace_metrics_pipelines_left_out", type: "gauge", help: "Pipelines beyond the limit of this page." },
    [[pipelinesLeftOut]],
  )
}

function renderTables(out: Exposition, { datasets, datasetsLeftOut, loads }: MetricsSnapshot): void {
  const each = (value: (dataset: (typeof datasets)[number]) => Value | null): Sample[] =>
    datasets.flatMap((dataset): Sample[] => {
      const known = value(dataset)
      return known === null ? [] : [[known, { table_name: dataset.id }]]
    })
  out.family(
    { name: "rows_processed_total", type: "counter", help: "Rows that loads wrote or set aside." },
    loads.flatMap((load) =>
      (["inserted", "updated", "deleted", "rejected"] as const).map(
        (operation): Sample => [
          load[operation],
          { pipeline_name: load.pipelineId, table_name: load.datasetId, operation },
        ],
      ),
    ),
  )
  out.family(
    { name: "headrace_loads_total", type: "counter", help: "Loads of a table." },
    loads.map((load) => [load.loads, { pipeline_name: load.pipelineId, table_name: load.datasetId }]),
  )
  out.family(
    {
      name: "headrace_last_load_rows",
      type: "gauge",
      help: "Rows that the newest load inserted or updated; backfills are left out.",
    },
    loads.flatMap((load): Sample[] =>
      load.lastRows === null ? [] : [[load.lastRows, { pipeline_name: load.pipelineId, table_name: load.datasetId }]],
    ),
  )
  out.family(
    {
      name: "data_freshness_seconds",
      type: "gauge",
      help: "Age of the newest data of a table, or of its newest load where its data is not looked at.",
    },
    each(({ ageSeconds }) => ageSeconds),
  )
  out.family(
    {
      name: "headrace_data_overdue_seconds",
      type: "gauge",
      help: "Since when a table is late by its freshness policy; below 0 until it will be.",
    },
    each(({ overdueSeconds }) => overdueSeconds),
  )
  out.family(
    { name: "data_quality_score", type: "gauge", help: "Newest score of a table, 0 to 100; none without checks." },
    each(({ score }) => score),
  )
  out.family(
    { name: "headrace_table_rows", type: "gauge", help: "Rows in a table after its newest load that counted them." },
    each(({ rows }) => rows),
  )
  out.family(
    { name: "headrace_metrics_tables_left_out", type: "gauge", help: "Tables beyond the limit of this page." },
    [[datasetsLeftOut]],
  )
}

function renderQueue(out: Exposition, { live, pools }: MetricsSnapshot): void {
  out.family({ name: "headrace_queue_depth", type: "gauge", help: "Task runs that wait, by what for." }, [
    [live.waitingForWorker, { waiting_for: "worker" }],
    [live.waitingForSlot, { waiting_for: "slot" }],
    [live.retrying, { waiting_for: "retry" }],
    [live.deferred, { waiting_for: "event" }],
  ])
  out.family(
    { name: "headrace_queue_oldest_seconds", type: "gauge", help: "How long the task run waits that waits longest." },
    [
      [live.waitingForWorkerAge ?? 0, { waiting_for: "worker" }],
      [live.waitingForSlotAge ?? 0, { waiting_for: "slot" }],
    ],
  )
  out.family({ name: "headrace_runs", type: "gauge", help: "Runs that have not ended." }, [
    [live.runsQueued, { state: "queued" }],
    [live.runsRunning, { state: "running" }],
    [live.runsCancelling, { state: "cancelling" }],
  ])
  out.family(
    {
      name: "headrace_scheduler_lag_seconds",
      type: "gauge",
      help: "By how much the scheduled run is late that is due longest.",
    },
    [[live.schedulerLag]],
  )
  out.family(
    { name: "headrace_pool_slots", type: "gauge", help: "Slots of a pool." },
    pools.flatMap(({ name, capacity }): Sample[] => (capacity === null ? [] : [[capacity, { pool: name }]])),
  )
  out.family(
    { name: "headrace_pool_slots_used", type: "gauge", help: "Slots of a pool that task runs hold." },
    pools.map(({ name, used }) => [used, { pool: name }]),
  )
  out.family(
    { name: "headrace_pool_waiting", type: "gauge", help: "Task runs that wait for a slot of a pool." },
    pools.map(({ name, waiting }) => [waiting, { pool: name }]),
  )
}

function renderTrouble(out: Exposition, { live, incidents }: MetricsSnapshot): void {
  out.family(
    { name: "headrace_incidents", type: "gauge", help: "Incidents that are not resolved." },
    incidents.map(({ kind, severity, state, count }) => [count, { kind, severity, state }]),
  )
  out.family({ name: "headrace_anomalies", type: "gauge", help: "Measurements that are out of what is expected." }, [
    [live.anomalies],
  ])
  out.family({ name: "headrace_deadlines_missed", type: "gauge", help: "Deadlines that are missed and not made up." }, [
    [live.deadlinesMissed],
  ])
  out.family({ name: "headrace_deliveries_waiting", type: "gauge", help: "Messages that are to be sent." }, [
    [live.webhooksWaiting, { kind: "webhook" }],
    [live.alertsWaiting, { kind: "deadline" }],
  ])
  out.family(
    { name: "headrace_deliveries_given_up", type: "gauge", help: "Messages that were not taken after all tries." },
    [[live.webhooksDead, { kind: "webhook" }]],
  )
  out.family(
    { name: "headrace_delivery_oldest_seconds", type: "gauge", help: "How long the message waits that waits longest." },
    [[live.webhooksWaitingAge ?? 0, { kind: "webhook" }]],
  )
  out.family({ name: "headrace_workspace_problems", type: "gauge", help: "What is wrong in the workspace." }, [
    [live.workspaceProblems],
  ])
}

function renderWorkers(out: Exposition, { workers }: MetricsSnapshot): void {
  const measured = withFigures(workers)
  out.family(
    { name: "headrace_worker_info", type: "info", help: "A worker that is alive." },
    workers.map(({ id, host, version, state }) => [1, { worker: id, host, version, state }]),
  )
  out.family(
    { name: "headrace_worker_slots", type: "gauge", help: "Task runs that a worker executes at a time." },
    workers.map(({ id, slots, state }) => [state === "active" ? slots : 0, { worker: id }]),
  )
  out.family(
    { name: "headrace_worker_slots_busy", type: "gauge", help: "Task runs that a worker holds." },
    workers.map(({ id, busy }) => [busy, { worker: id }]),
  )
  out.family(
    {
      name: "headrace_worker_heartbeat_age_seconds",
      type: "gauge",
      help: "Since a worker last said that it is alive.",
    },
    workers.map(({ id, heartbeatAge }) => [heartbeatAge, { worker: id }]),
  )
  out.histograms(
    {
      name: "headrace_task_latency_seconds",
      help: "How long task runs that could run waited for a worker, from ready to start.",
    },
    LATENCY_BUCKETS,
    measured.map(({ id, figures }) => [
      { counts: new Map(figures.latency.counts.map(([le, n]) => [le ?? Infinity, n])), sum: figures.latency.sum },
      { worker: id },
    ]),
  )
  out.family(
    { name: "headrace_task_attempts_total", type: "counter", help: "Tries that a worker ended, by how they ended." },
    measured.flatMap(({ id, figures }) =>
      Object.entries(figures.attempts).map(([outcome, n]): Sample => [n, { worker: id, outcome }]),
    ),
  )
  out.family(
    { name: "headrace_trace_spans_total", type: "counter", help: "Spans that a worker had for the trace collector." },
    measured.flatMap(({ id, figures }): Sample[] => [
      [figures.spans.exported, { worker: id, result: "exported" }],
      [figures.spans.dropped, { worker: id, result: "dropped" }],
    ]),
  )
}

function renderProcesses(out: Exposition, snapshot: MetricsSnapshot | null, web: ProcessFigures): void {
  const processes = [
    { labels: { process: "web" } as Labels, figures: web },
    ...withFigures(snapshot?.workers ?? []).map(({ id, figures }) => ({
      labels: { process: "worker", worker: id } as Labels,
      figures: figures as ProcessFigures,
    })),
  ]
  for (const { name, type, help, value } of PROCESS_FAMILIES) {
    out.family(
      { name, type, help },
      processes.map(({ labels, figures }) => [value(figures), labels]),
    )
  }
}

/** The names by which Prometheus' own client for Node calls them, so that its boards show them. */
const PROCESS_FAMILIES: {
  name: string
  type: "counter" | "gauge"
  help: string
  value: (figures: ProcessFigures) => number
}[] = [
  {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "Processor time that the process used.",
    value: ({ cpuSeconds }) => cpuSeconds,
  },
  {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "When the process started, as Unix time.",
    value: ({ startedAt }) => startedAt,
  },
  {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Memory that the process takes.",
    value: ({ residentBytes }) => residentBytes,
  },
  {
    name: "nodejs_heap_size_total_bytes",
    type: "gauge",
    help: "Size of Node's heap.",
    value: ({ heapTotalBytes }) => heapTotalBytes,
  },
  {
    name: "nodejs_heap_size_used_bytes",
    type: "gauge",
    help: "What of Node's heap is in use.",
    value: ({ heapUsedBytes }) => heapUsedBytes,
  },
  {
    name: "nodejs_external_memory_bytes",
    type: "gauge",
    help: "Memory that Node's objects hold outside of its heap.",
    value: ({ externalBytes }) => externalBytes,
  },
  {
    name: "nodejs_eventloop_lag_p50_seconds",
    type: "gauge",
    help: "By how much the event loop was late in the middle since the last look.",
    value: ({ eventLoopLag }) => eventLoopLag.p50,
  },
  {
    name: "nodejs_eventloop_lag_p99_seconds",
    type: "gauge",
    help: "By how much the event loop was late at worst, but for one time in a hundred, since the last look.",
    value: ({ eventLoopLag }) => eventLoopLag.p99,
  },
  {
    name: "nodejs_eventloop_lag_max_seconds",
    type: "gauge",
    help: "By how much the event loop was late at worst since the last look.",
    value: ({ eventLoopLag }) => eventLoopLag.max,
  },
  {
    name: "headrace_database_connections",
    type: "gauge",
    help: "Connections that the process has to Headrace's database.",
    value: ({ pool }) => pool.total,
  },
  {
    name: "headrace_database_connections_idle",
    type: "gauge",
    help: "Connections to Headrace's database that nobody uses.",
    value: ({ pool }) => pool.idle,
  },
  {
    name: "headrace_database_connections_awaited",
    type: "gauge",
    help: "Who waits in the process for a connection to Headrace's database.",
    value: ({ pool }) => pool.waiting,
  },
]

function withFigures(workers: MetricsSnapshot["workers"]): { id: string; figures: WorkerFigures }[] {
  return workers.flatMap(({ id, figures }) => (figures ? [{ id, figures }] : []))
}
