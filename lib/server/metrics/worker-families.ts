import { LATENCY_BUCKETS } from "#lib/domain/duration-buckets.ts"
import type { MetricsSnapshot } from "#lib/store/read/metrics.ts"
import { type Exposition, labels, type Sample } from "./exposition.ts"

/** Workers that are alive, and what they did since their start. */
export function renderWorkers(out: Exposition, { workers }: MetricsSnapshot): void {
  const measured = workers.flatMap(({ id, figures }) => (figures ? [{ id, figures }] : []))
  out.family(
    { name: "headrace_worker_info", type: "info", help: "A worker that is alive." },
    workers.map(({ id, host, version, state }) => [1, labels({ worker: id, host, version, state })]),
  )
  out.family(
    { name: "headrace_worker_slots", type: "gauge", help: "Task runs that a worker executes at a time." },
    workers.map(({ id, slots, state }) => [state === "active" ? slots : 0, labels({ worker: id })]),
  )
  out.family(
    { name: "headrace_worker_slots_busy", type: "gauge", help: "Task runs that a worker holds." },
    workers.map(({ id, busy }) => [busy, labels({ worker: id })]),
  )
  out.family(
    {
      name: "headrace_worker_heartbeat_age_seconds",
      type: "gauge",
      help: "Since a worker last said that it is alive.",
    },
    workers.map(({ id, heartbeatAge }) => [heartbeatAge, labels({ worker: id })]),
  )
  out.histograms(
    {
      name: "headrace_task_latency_seconds",
      help: "How long task runs that could run waited for a worker, from ready to start.",
    },
    LATENCY_BUCKETS,
    measured.map(({ id, figures }) => [figures.latency, labels({ worker: id })]),
  )
  out.family(
    { name: "headrace_task_attempts_total", type: "counter", help: "Tries that a worker ended, by how they ended." },
    measured.flatMap(({ id, figures }) =>
      Object.entries(figures.attempts).map(([outcome, n]): Sample => [n, labels({ worker: id, outcome })]),
    ),
  )
  out.family(
    { name: "headrace_trace_spans_total", type: "counter", help: "Spans that a worker had for the trace collector." },
    measured.flatMap(({ id, figures }): Sample[] => [
      [figures.spans.exported, labels({ worker: id, result: "exported" })],
      [figures.spans.dropped, labels({ worker: id, result: "dropped" })],
    ]),
  )
}
