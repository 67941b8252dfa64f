import { findCycle } from "./dag.ts"
import type { PipelineTriggers } from "./trigger-arrivals.ts"

/** What of a pipeline decides whether it can start another: what it waits for and what it writes. */
interface Triggered {
  id: string
  triggers: PipelineTriggers
  tasks: readonly { writes: readonly string[] }[]
}

/**
 * The circles in which pipelines would start each other without end, each from its first pipeline back to it. A pipeline is
 * in one of them at most: what is left without them has none.
 */
export function triggerLoops(pipelines: readonly Triggered[]): string[][] {
  const writers = new Map<string, string[]>()
  for (const { id, tasks } of pipelines) {
    for (const name of new Set(tasks.flatMap((task) => task.writes)))
      writers.set(name, [...(writers.get(name) ?? []), id])
  }
  const ids = new Set(pipelines.map((pipeline) => pipeline.id))
  const loops: string[][] = []
  for (;;) {
    const upstream = new Map(
      pipelines
        .filter(({ id }) => ids.has(id))
        .map(({ id, triggers }) => {
          const sources = [
            ...triggers.after.map((each) => each.pipeline),
            ...(triggers.datasets?.names ?? []).flatMap((name) => writers.get(name) ?? []),
          ]
          return [id, [...new Set(sources)].filter((source) => ids.has(source))] as const
        }),
    )
    const loop = findCycle(upstream)
    if (loop === null) return loops
    loops.push(loop)
    for (const id of loop) ids.delete(id)
  }
}
