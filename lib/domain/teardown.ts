import { invert, reachable, type UpstreamMap } from "./dag.ts"

/** What setups and tear-downs need to know of a task. */
export interface ScopedTask {
  id: string
  upstream: readonly string[]
  /** Ids of the setups that it tears down; none for all other tasks. */
  teardownOf?: readonly string[]
}

/** A setup with one of its tear-downs and the tasks that stand between the two. */
export interface Scope {
  setup: string
  teardown: string
  between: ReadonlySet<string>
}

/** Every pair of setup and tear-down, in the order of the tear-downs. O(tasks + edges) for each. */
export function scopesOf(tasks: readonly ScopedTask[]): Scope[] {
  const teardowns = tasks.filter((task) => task.teardownOf && task.teardownOf.length > 0)
  if (teardowns.length === 0) return []
  const upstream: UpstreamMap = new Map(tasks.map((task) => [task.id, task.upstream]))
  const downstream = invert(upstream)
  return teardowns.flatMap((teardown) => {
    const before = reachable(upstream, [teardown.id])
    return (teardown.teardownOf ?? []).map((setup): Scope => {
      const behind = reachable(downstream, [setup])
      const between = [...behind].filter((id) => id !== setup && id !== teardown.id && before.has(id))
      return { setup, teardown: teardown.id, between: new Set(between) }
    })
  })
}

/**
 * Upstreams of each tear-down as a run schedules it: those it names, and all tasks between it and its setups. A task that
 * is blocked by a failure is final while others between still work; the tear-down must not take away what they use.
 * Tasks that are no tear-down are left out.
 */
export function teardownUpstreams(tasks: readonly ScopedTask[]): Map<string, string[]> {
  const upstreams = new Map<string, Set<string>>()
  const named = new Map(tasks.map((task) => [task.id, task.upstream]))
  for (const { setup, teardown, between } of scopesOf(tasks)) {
    const all = upstreams.get(teardown) ?? new Set(named.get(teardown))
    upstreams.set(teardown, all)
    all.add(setup)
    for (const id of between) all.add(id)
  }
  return new Map([...upstreams].map(([id, all]) => [id, [...all]]))
}

/**
 * The tasks to clear with `chosen`: a task between a setup and its tear-down needs both anew, and a setup that runs
 * again is torn down again. A tear-down alone runs alone: what it left behind is still there.
 */
export function withSetupsAndTeardowns(tasks: readonly ScopedTask[], chosen: Iterable<string>): Set<string> {
  const all = new Set(chosen)
  const scopes = scopesOf(tasks)
  // A setup may itself stand between another pair: go on until nothing is added.
  for (let size = -1; size !== all.size; ) {
    size = all.size
    for (const { setup, teardown, between } of scopes) {
      if (!all.has(setup) && ![...between].some((id) => all.has(id))) continue
      all.add(setup)
      all.add(teardown)
    }
  }
  return all
}
