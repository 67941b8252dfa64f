import type { DbtSelection } from "../../contracts/operators/dbt.ts"
import type { Manifest } from "../project/manifest.ts"
import { type HookEvent, hooksOf } from "../run/hooks-of.ts"
import type { ExpandedTask } from "./expand-project.ts"
import { fitTaskId } from "./task-id.ts"

/**
 * Tasks with those for the hooks of on-run-start before them and of on-run-end behind them. The latter is a tear-down, so that it
 * runs after failures, too, and that nobody who waits for the work takes its success for that of the work.
 */
export function betweenHooks(
  manifest: Manifest,
  tasks: readonly ExpandedTask[],
  { prefix, group }: DbtSelection,
): ExpandedTask[] {
  const idOf = (event: HookEvent) => fitTaskId(`${prefix}${group ?? "dbt"}_${event.replaceAll("-", "_")}`)
  const [first, last] = [hooksOf(manifest, "on-run-start"), hooksOf(manifest, "on-run-end")]
  if (first.length === 0 && last.length === 0) return [...tasks]
  const start: ExpandedTask = {
    id: idOf("on-run-start"),
    description: first.length > 0 ? "Hooks of on-run-start" : "Begins what the hooks of on-run-end end",
    nodes: first.map(({ unique_id }) => unique_id),
    upstream: [],
    place: "start",
    reads: [],
    writes: [],
  }
  const begun = tasks.map((task) => (task.upstream.length > 0 ? task : { ...task, upstream: [start.id] }))
  if (last.length === 0) return [start, ...begun]
  const awaited = new Set(tasks.flatMap(({ upstream }) => upstream))
  const end: ExpandedTask = {
    id: idOf("on-run-end"),
    description: "Hooks of on-run-end",
    nodes: last.map(({ unique_id }) => unique_id),
    upstream: tasks.filter(({ id }) => !awaited.has(id)).map(({ id }) => id),
    place: "end",
    reads: [],
    writes: [],
  }
  return [start, ...begun, end]
}
