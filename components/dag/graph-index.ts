import type { Manifest } from "#lib/contracts/manifest.ts"

/** Look-ups over a pipeline's groups and tasks, each built once and answered in constant time or from a cache. */
export interface GraphIndex {
  /** Group of each task; null at the top. */
  groupOf: ReadonlyMap<string, string | null>
  groupsOutermostFirst: readonly Group[]
  /** Groups around and including this one, outermost first. */
  ancestors(group: string | null): string[]
  outermostClosed(group: string | null, closed: ReadonlySet<string>): string | null
  /** All tasks in a group and the groups inside it, as declared. */
  tasksIn(group: string): string[]
  /** Tasks of a group that wait for none of it. */
  firstTasks(group: string): string[]
  /** Tasks of a group that none of it waits for. */
  lastTasks(group: string): string[]
  /** Whether each of `to` waits for each of `from`. */
  isComplete(from: readonly string[], to: readonly string[]): boolean
}
type Group = Manifest["groups"][number]

export function indexGraph(manifest: Pick<Manifest, "tasks" | "groups">): GraphIndex {
  const groupOf = new Map(manifest.tasks.map((task) => [task.id, task.group]))
  const upstream = new Map(manifest.tasks.map((task) => [task.id, new Set(task.upstream)]))
  const parentOf = new Map(manifest.groups.map((group) => [group.id, group.parent]))
  const ancestors = memoize((group: string) => {
    const chain: string[] = []
    for (let at: string | null = group; at !== null; at = parentOf.get(at) ?? null) chain.unshift(at)
    return chain
  })
  const ancestorsOf = (group: string | null) => (group === null ? [] : ancestors(group))
  const members = new Map<string, string[]>(manifest.groups.map((group) => [group.id, []]))
  for (const task of manifest.tasks) {
    for (const group of ancestorsOf(task.group)) members.get(group)?.push(task.id)
  }
  const tasksIn = (group: string) => members.get(group) ?? []
  const firstTasks = memoize((group: string) => {
    const inside = new Set(tasksIn(group))
    return tasksIn(group).filter((id) => ![...upstream.get(id)!].some((parent) => inside.has(parent)))
  })
  const lastTasks = memoize((group: string) => {
    const waitedFor = new Set(tasksIn(group).flatMap((id) => [...upstream.get(id)!]))
    return tasksIn(group).filter((id) => !waitedFor.has(id))
  })
  const complete = new Map<readonly string[], Map<readonly string[], boolean>>()
  return {
    groupOf,
    groupsOutermostFirst: manifest.groups.toSorted((a, b) => ancestors(a.id).length - ancestors(b.id).length),
    ancestors: ancestorsOf,
    outermostClosed: (group, closed) => ancestorsOf(group).find((id) => closed.has(id)) ?? null,
    tasksIn,
    firstTasks,
    lastTasks,
    isComplete(from, to) {
      const known = complete.get(from)?.get(to)
      if (known !== undefined) return known
      const answer = to.every((child) => from.every((parent) => upstream.get(child)?.has(parent)))
      complete.set(from, (complete.get(from) ?? new Map<readonly string[], boolean>()).set(to, answer))
      return answer
    },
  }
}

function memoize<Value>(compute: (key: string) => Value): (key: string) => Value {
  const cache = new Map<string, Value>()
  return (key) => {
    if (!cache.has(key)) cache.set(key, compute(key))
    return cache.get(key) as Value
  }
}
