import { didYouMean } from "../domain/closest.ts"
import type { UpstreamMap } from "../domain/dag.ts"
import type { Fault, GroupDefinition, PipelineDefinition, TaskDefinition } from "./definition.ts"
import { nodeOf } from "./handles.ts"
import { refMarker } from "./ref.ts"

type Target = { kind: "task" | "group"; id: string }

/**
 * The task ids each task waits for, in order of declaration, without repetition. A dependency on a group waits for its
 * last tasks; one of a group holds for its first. A reference to an output is a dependency. A group without tasks
 * passes on what it waits for itself. O(tasks + edges) for each group.
 */
export function resolveUpstream(pipeline: PipelineDefinition): { upstream: UpstreamMap; faults: Fault[] } {
  const faults: Fault[] = []
  const graph = new GroupGraph(pipeline, faults)
  const upstream = new Map<string, string[]>()
  for (const task of pipeline.tasks) {
    const targets = [...graph.targetsOfTask(task.id)]
    for (const group of enclosing(task.group)) {
      if (graph.firstTasks(group).has(task.id)) targets.push(...graph.targetsOfGroup(group))
    }
    upstream.set(task.id, [...new Set(targets.flatMap((target) => graph.lastTasksOf(target)))])
  }
  return { upstream, faults }
}

class GroupGraph {
  private readonly taskTargets = new Map<string, Target[]>()
  private readonly groupTargets = new Map<string, Target[]>()
  private readonly groupOf = new Map<string, string | null>()
  private readonly members = new Map<string, Set<string>>()
  private readonly first = new Map<string, Set<string>>()
  private readonly last = new Map<string, ReadonlySet<string>>()
  private readonly teardowns: ReadonlySet<string>

  constructor(pipeline: PipelineDefinition, faults: Fault[]) {
    for (const group of pipeline.groups) this.members.set(group.id, new Set())
    this.teardowns = new Set(pipeline.tasks.filter((task) => task.teardownOf.length > 0).map((task) => task.id))
    for (const task of pipeline.tasks) {
      this.groupOf.set(task.id, task.group)
      for (const group of enclosing(task.group)) this.members.get(group)?.add(task.id)
    }
    const names = { tasks: new Set(this.groupOf.keys()), groups: new Set(this.members.keys()) }
    for (const task of pipeline.tasks) this.taskTargets.set(task.id, findTargets(pipeline, names, task, faults))
    for (const group of pipeline.groups) this.groupTargets.set(group.id, findTargets(pipeline, names, group, faults))
  }

  targetsOfTask(id: string): Target[] {
    return this.taskTargets.get(id) ?? []
  }

  targetsOfGroup(id: string): Target[] {
    return this.groupTargets.get(id) ?? []
  }

  /** Tasks of the group that wait for nothing inside it, be it themselves or through a group in between. */
  firstTasks(group: string): Set<string> {
    return remember(this.first, group, () => {
      const members = this.tasksIn({ kind: "group", id: group })
      const waitsInside = (targets: Target[]) =>
        targets.some((target) => [...this.tasksIn(target)].some((id) => members.has(id)))
      const groupWaits = new Map(this.groupsInside(group).map((id) => [id, waitsInside(this.targetsOfGroup(id))]))
      const isFirst = (id: string) =>
        !waitsInside(this.targetsOfTask(id)) &&
        !enclosing(this.groupOf.get(id) ?? null).some((at) => groupWaits.get(at))
      return new Set([...members].filter(isFirst))
    })
  }

  /** The tasks to wait for in order to wait for the target. */
  lastTasksOf(target: Target, seen = new Set<string>()): string[] {
    if (target.kind === "task") return [target.id]
    if (this.tasksIn(target).size > 0) return [...this.lastTasks(target.id)]
    if (seen.has(target.id)) return []
    seen.add(target.id)
    return this.targetsOfGroup(target.id).flatMap((next) => this.lastTasksOf(next, seen))
  }

  private lastTasks(group: string): ReadonlySet<string> {
    return remember<ReadonlySet<string>>(this.last, group, () => {
      const all = this.tasksIn({ kind: "group", id: group })
      // Who waits for a group waits for its work, not for the tear-downs that come after it.
      const work = new Set([...all].filter((id) => !this.teardowns.has(id)))
      const members = work.size > 0 ? work : all
      const targets = [
        ...[...members].flatMap((id) => this.targetsOfTask(id)),
        ...this.groupsInside(group).flatMap((id) => this.targetsOfGroup(id)),
      ]
      const awaited = new Set(targets.flatMap((target) => [...this.tasksIn(target)]))
      const last = new Set([...members].filter((id) => !awaited.has(id)))
      // A circle inside the group has no last task; all of them keep the circle visible to the check.
      return last.size > 0 ? last : members
    })
  }

  private groupsInside(group: string): string[] {
    return [...this.members.keys()].filter((id) => id.startsWith(`${group}.`))
  }

  private tasksIn(target: Target): ReadonlySet<string> {
    return target.kind === "task" ? new Set([target.id]) : (this.members.get(target.id) ?? new Set())
  }
}

type Names = { tasks: ReadonlySet<string>; groups: ReadonlySet<string> }

function findTargets(
  pipeline: PipelineDefinition,
  names: Names,
  node: TaskDefinition | GroupDefinition,
  faults: Fault[],
): Target[] {
  const references = "work" in node ? [...referencedTasks(node.map?.over), ...referencedTasks(node.work.options)] : []
  const targets: Target[] = []
  for (const written of [...node.dependencies, ...references]) {
    const target = findTarget(pipeline, names, written)
    if (target) targets.push(target)
    else
      faults.push({
        rule: "unknown_dependency",
        message: unknownTarget(pipeline, names, node, written),
        site: node.site,
      })
  }
  return targets
}

function findTarget(pipeline: PipelineDefinition, names: Names, written: unknown): Target | null {
  const node = nodeOf(written)
  if (node && node.pipeline !== pipeline) return null
  const id = node?.id ?? written
  if (typeof id !== "string") return null
  if (node?.kind !== "group" && names.tasks.has(id)) return { kind: "task", id }
  return node?.kind !== "task" && names.groups.has(id) ? { kind: "group", id } : null
}

function unknownTarget(pipeline: PipelineDefinition, names: Names, node: { id: string }, written: unknown): string {
  const target = nodeOf(written)
  if (target && target.pipeline !== pipeline) {
    return `"${node.id}" waits for "${target.id}", which belongs to pipeline "${target.pipeline.id}"; wait for a task of this pipeline.`
  }
  const id = target?.id ?? written
  if (typeof id !== "string") {
    return `"${node.id}" waits for something that is neither a task nor a group; pass a task, a group or an id.`
  }
  return `"${node.id}" waits for "${id}", which this pipeline does not have${didYouMean(id, [...names.tasks, ...names.groups])}`
}

/** Ids of the tasks whose outputs are referred to anywhere in the options. */
function referencedTasks(value: unknown, seen = new Set<object>()): string[] {
  const marker = refMarker(value)
  if (marker) return "$output" in marker ? [marker.$output.task] : []
  if (typeof value !== "object" || value === null || seen.has(value)) return []
  seen.add(value)
  return Object.values(value).flatMap((inner) => referencedTasks(inner, seen))
}

/** `a.b` and `a` for `a.b`: the groups a task stands in, innermost first. */
function enclosing(group: string | null): string[] {
  if (group === null) return []
  const parts = group.split(".")
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("."))
}

function remember<Value>(store: Map<string, Value>, key: string, make: () => Value): Value {
  const known = store.get(key)
  if (known !== undefined) return known
  const value = make()
  store.set(key, value)
  return value
}
