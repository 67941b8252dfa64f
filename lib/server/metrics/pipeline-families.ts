import { DURATION_BUCKETS } from "#lib/domain/duration-buckets.ts"
import type { MetricsSnapshot } from "#lib/store/read/metrics.ts"
import { type Exposition, labels } from "./exposition.ts"

/** The statuses that every pipeline has from its first day: a series that begins at 1 is an increase nobody sees. */
const STATUSES = ["success", "failed", "cancelled"] as const

/** What there is of pipelines, and how their runs ended. */
export function renderPipelines(out: Exposition, { pipelines, pipelinesLeftOut, runs }: MetricsSnapshot): void {
  const counted = new Map(runs.map((counts) => [`${counts.status} ${counts.pipelineId}`, counts]))
  const named = pipelines.map((pipeline) => ({ ...pipeline, name: labels({ pipeline_name: pipeline.id }) }))
  const ended = named.flatMap(({ id, name }) =>
    STATUSES.map((status) => ({
      series: `${name},${labels({ status })}`,
      counts: counted.get(`${status} ${id}`),
    })),
  )
  out.family(
    { name: "pipeline_info", type: "info", help: "A pipeline that the workspace defines." },
    named.map(({ id, owner, version }) => [
      1,
      labels({ pipeline_name: id, ...(owner && { owner }), version: String(version) }),
    ]),
  )
  out.family(
    { name: "headrace_pipeline_paused", type: "gauge", help: "Whether the pipeline is paused." },
    named.map(({ name, isPaused }) => [isPaused ? 1 : 0, name]),
  )
  out.family(
    {
      name: "headrace_pipeline_running_seconds",
      type: "gauge",
      help: "How long the run has been going that started first; nothing while none is.",
    },
    named.flatMap(({ name, runningSeconds }) => (runningSeconds === null ? [] : [[runningSeconds, name] as const])),
  )
  out.family(
    { name: "pipeline_runs_total", type: "counter", help: "Runs that ended, by how." },
    ended.map(({ series, counts }) => [counts?.runs ?? 0, series]),
  )
  out.family(
    {
      name: "headrace_pipeline_last_run_timestamp_seconds",
      type: "gauge",
      help: "When a run last ended so, as Unix time; 0 if none did.",
    },
    ended.map(({ series, counts }) => [counts?.lastAt ?? 0, series]),
  )
  out.histograms(
    { name: "pipeline_duration_seconds", help: "How long runs took from start to end; repeated ones are left out." },
    DURATION_BUCKETS,
    ended.flatMap(({ series, counts }) =>
      counts?.durations.some((n) => n > 0)
        ? [[{ counts: counts.durations, sum: counts.seconds }, series] as const]
        : [],
    ),
  )
  out.family(
    { name: "headrace_metrics_pipelines_left_out", type: "gauge", help: "Pipelines beyond the limit of this page." },
    [[pipelinesLeftOut]],
  )
}
