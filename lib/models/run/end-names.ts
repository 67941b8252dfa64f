import type { YamlMap } from "../project/read-yaml.ts"
import { isRelation } from "./is-relation.ts"
import type { NodeOutcome, NodeStatus } from "./protocol.ts"
import type { RunnableNode } from "./work-graph.ts"

/** What hooks of on-run-end are told of a node. */
export interface EndedNode
  extends Pick<NodeOutcome, "status" | "message" | "failures" | "threadId" | "adapterResponse" | "timing"> {
  node: RunnableNode
  /** Seconds. */
  executionTime: number
}

const FAILED: ReadonlySet<NodeStatus> = new Set(["error", "fail", "skipped"])

/** What hooks of on-run-end see besides: `results`, and `schemas` and `database_schemas` of what was built (dbt's documentation, "on-run-end context"). */
export function endNames(results: readonly EndedNode[]): YamlMap {
  const built = results.flatMap(({ node, status }) => (isRelation(node) && !FAILED.has(status) ? [node] : []))
  const schemas = [...new Set(built.map(({ schema }) => schema))]
  return {
    schemas,
    database_schemas: schemas.map((schema) => [built.find((node) => node.schema === schema)?.database ?? null, schema]),
    results: results.map((result) => ({
      node: result.node as unknown as YamlMap,
      status: result.status,
      message: result.message,
      failures: result.failures,
      execution_time: result.executionTime,
      thread_id: result.threadId,
      adapter_response: result.adapterResponse as YamlMap,
      timing: result.timing.map(({ name, startedAt, completedAt }) => ({
        name,
        started_at: startedAt,
        completed_at: completedAt,
      })),
    })),
  }
}
