import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import type { AnyState } from "../status/status-map.ts"

/** How a pipeline is, in a few words: of its latest run, and `run` adds what its tasks do while it goes on. */
export function pipelineWords(
  pipeline: Pick<PipelineDetail, "recentRuns">,
  run: Pick<RunDetail, "id" | "taskRuns"> | null,
): { state: AnyState; label: string } | null {
  const latest = pipeline.recentRuns.at(-1)
  if (!latest) return null
  const tasks = run?.id === latest.id ? run.taskRuns : []
  const failed = tasks.filter((task) => task.state === "failed").length
  const retried = tasks.filter((task) => task.state === "up_for_retry").length
  switch (latest.state) {
    case "queued":
      return { state: "queued", label: "Queued" }
    case "running":
      if (failed > 0) return { state: "failed", label: `Running, ${failed} failed` }
      if (retried > 0) {
        return { state: "up_for_retry", label: `Running, ${retried} ${retried === 1 ? "task retries" : "tasks retry"}` }
      }
      return { state: "running", label: "Running" }
    case "cancelling":
      return { state: "cancelling", label: "Cancelling" }
    case "success":
      return { state: "success", label: "Last run succeeded" }
    case "failed":
      return { state: "failed", label: "Last run failed" }
    case "cancelled":
      return { state: "cancelled", label: "Last run was cancelled" }
  }
}
