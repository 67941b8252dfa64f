import { invert, reachable, type UpstreamMap } from "./dag.ts"

export const TASK_NEIGHBOURS = ["none", "upstream", "downstream", "both"] as const
export type TaskNeighbours = (typeof TASK_NEIGHBOURS)[number]

/** The named tasks with all before them, all behind them, or both, in the order of the graph's keys. */
export function selectTasks(upstream: UpstreamMap, roots: readonly string[], withThem: TaskNeighbours): string[] {
  const chosen = new Set(roots)
  if (withThem === "upstream" || withThem === "both") for (const id of reachable(upstream, roots)) chosen.add(id)
  if (withThem === "downstream" || withThem === "both") {
    for (const id of reachable(invert(upstream), roots)) chosen.add(id)
  }
  return [...upstream.keys()].filter((id) => chosen.has(id))
}
