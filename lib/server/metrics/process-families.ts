import type { ProcessFigures } from "#lib/contracts/process-figures.ts"
import type { MetricsSnapshot } from "#lib/store/read/metrics.ts"
import { type Exposition, labels } from "./exposition.ts"

/** What Node's processes take: this web process, and the workers by their last heartbeat. */
export function renderProcesses(out: Exposition, snapshot: MetricsSnapshot | null, web: ProcessFigures): void {
  const processes = [
    { series: labels({ process: "web" }), figures: web },
    ...(snapshot?.workers ?? []).flatMap(({ id, figures }) =>
      figures ? [{ series: labels({ process: "worker", worker: id }), figures: figures as ProcessFigures }] : [],
    ),
  ]
  for (const { name, type, help, value } of PROCESS_FAMILIES) {
    out.family(
      { name, type, help },
      processes.map(({ series, figures }) => [value(figures), series]),
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
