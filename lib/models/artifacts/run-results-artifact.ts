import type { Invocation } from "../context/base-names.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import type { NodeResult } from "../run/run-project.ts"
import { artifactHeader } from "./artifact-header.ts"
import type { Document } from "./write-json.ts"

export interface RunResults {
  invocation: Pick<Invocation, "id" | "env">
  results: readonly NodeResult[]
  /** Seconds. */
  elapsedTime: number
  /** The options of the command, with `which` and `invocation_command`. */
  args: YamlMap
}

/** run_results.json, version 6. */
export function* runResultsArtifact({ invocation, results, elapsedTime, args }: RunResults): Document {
  yield ["metadata", artifactHeader("runResults", invocation)]
  yield ["results", results.map(toEntry)]
  yield ["elapsed_time", elapsedTime]
  yield ["args", args]
}

function toEntry(result: NodeResult): object {
  const { node, status, timing, threadId, executionTime, adapterResponse, failures } = result
  // Seeds and unit tests have no template of their own, so they count neither as compiled nor as not.
  const isCompiled = node.resource_type !== "seed" && node.resource_type !== "unit_test"
  return {
    status,
    timing: timing.map(({ name, startedAt, completedAt }) => {
      return { name, started_at: startedAt, completed_at: completedAt }
    }),
    thread_id: threadId,
    execution_time: executionTime,
    adapter_response: adapterResponse,
    message: messageOf(result),
    failures,
    unique_id: node.unique_id,
    compiled: isCompiled ? result.compiledCode !== null : null,
    compiled_code: isCompiled ? result.compiledCode : null,
    relation_name: isCompiled ? result.relationName : null,
    batch_results: result.batches
      ? { successful: result.batches.successful.map(toPair), failed: result.batches.failed.map(toPair) }
      : null,
  }
}

function toPair({ start, end }: { start: string; end: string }): [string, string] {
  return [start, end]
}

const KINDS = { compilation: "Compilation", database: "Database", data: "Runtime", internal: "Internal" } as const

/** Errors as dbt words them: what kind, of which node, and below it what was said. */
function messageOf({ node, message, error }: NodeResult): string | null {
  if (!error) return message
  const title = `${KINDS[error.kind]} Error in ${node.resource_type} ${node.name} (${node.original_file_path})`
  return [title, ...error.message.split("\n")].join("\n  ")
}
