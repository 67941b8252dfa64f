import type { Manifest } from "#lib/contracts/manifest.ts"
import { invert, reachable } from "#lib/domain/dag.ts"
import type { FlowEdge } from "./flow-graph.ts"

/** Tasks before and after a selection, each set holding the selection too. */
export interface Lineage {
  up: ReadonlySet<string>
  down: ReadonlySet<string>
}

/** Returns a function that finds all that is upstream and downstream of some tasks, in O(tasks + dependencies). */
export function lineageOf(tasks: Manifest["tasks"]): (taskIds: readonly string[]) => Lineage {
  const upstream = new Map(tasks.map((task) => [task.id, task.upstream]))
  const downstream = invert(upstream)
  return (taskIds) => ({ up: reachable(upstream, taskIds), down: reachable(downstream, taskIds) })
}

/**
 * Whether an edge lies on a path through the selection. Exact for bundles too: below the selection, an edge's source
 * being reached implies that its target is; above it, the other way round.
 */
export function isOnLineage(edge: FlowEdge, lineage: Lineage): boolean {
  return edge.sourceTasks.some((id) => lineage.down.has(id)) || edge.targetTasks.some((id) => lineage.up.has(id))
}
