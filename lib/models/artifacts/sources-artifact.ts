import type { FreshnessResult } from "../command/source-freshness.ts"
import type { Invocation } from "../context/base-names.ts"
import { artifactHeader } from "./artifact-header.ts"
import type { Document } from "./write-json.ts"

/** sources.json, version 3. */
export function* sourcesArtifact(
  invocation: Pick<Invocation, "id" | "env">,
  results: readonly FreshnessResult[],
  elapsedTime: number,
): Document {
  yield ["metadata", artifactHeader("sources", invocation)]
  yield ["results", results.map(toEntry)]
  yield ["elapsed_time", elapsedTime]
}

function toEntry(result: FreshnessResult): object {
  const { source, status, message, maxLoadedAt, snapshottedAt, ageSeconds, criteria, startedAt, completedAt } = result
  if (status === "runtime error") return { unique_id: source.unique_id, error: message, status }
  const execute = { started_at: startedAt.toISOString(), completed_at: completedAt.toISOString() }
  return {
    unique_id: source.unique_id,
    max_loaded_at: maxLoadedAt,
    snapshotted_at: snapshottedAt,
    max_loaded_at_time_ago_in_s: ageSeconds,
    status,
    criteria,
    adapter_response: result.adapterResponse,
    timing: [
      { name: "compile", started_at: execute.started_at, completed_at: execute.started_at },
      { name: "execute", ...execute },
    ],
    thread_id: result.threadId,
    execution_time: result.executionTime,
  }
}
