import type { ManifestTask } from "#lib/contracts/manifest.ts"

/** A manifest's graph from `{ "group.task": ["upstream", …] }`, for tests: the part before the last dot is the group. */
export function graphOf(shape: Record<string, string[]>) {
  const groups = new Set<string>()
  const tasks = Object.entries(shape).map(([path, upstream]) => {
    const parts = path.split(".")
    for (let depth = 1; depth < parts.length; depth++) groups.add(parts.slice(0, depth).join("."))
    return taskOf(parts.at(-1)!, parts.length > 1 ? parts.slice(0, -1).join(".") : null, upstream)
  })
  return {
    tasks,
    groups: [...groups].map((id) => ({
      id,
      parent: id.includes(".") ? id.slice(0, id.lastIndexOf(".")) : null,
      description: "",
    })),
  }
}

/** A layered graph of `count` tasks with 1.5 dependencies each and no groups, the same for the same count. */
export function manyTasks(count: number) {
  let seed = 42
  const random = () => {
    seed = (seed * 1_664_525 + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
  const layers = Math.ceil(Math.sqrt(count) / 1.5)
  const perLayer = count / layers
  const upstream = Array.from({ length: count }, () => new Set<string>())
  for (let edge = 0; edge < 1.5 * count; edge++) {
    const to = Math.floor(random() * count)
    const from = to - Math.floor(perLayer * (0.5 + random() * 1.5))
    if (from >= 0 && Math.floor(from / perLayer) < Math.floor(to / perLayer)) upstream[to]!.add(`task_${from}`)
  }
  return { tasks: upstream.map((parents, i) => taskOf(`task_${i}`, null, [...parents])), groups: [] }
}

function taskOf(id: string, group: string | null, upstream: string[]): ManifestTask {
  return {
    id,
    group,
    operator: "noop",
    options: {},
    description: "",
    upstream,
    triggerRule: "all_success",
    retry: { retries: 0, delayMs: 0, backoffFactor: 1, maxDelayMs: 0 },
    retryRules: {},
    dependsOnPast: false,
    waitForDownstream: false,
    deadlines: [],
    timeoutMs: null,
    memoryMb: 256,
    pool: null,
    poolSlots: 1,
    concurrency: null,
    priority: 1,
    hooks: { before: false, after: false },
    reads: [],
    writes: [],
    source: null,
    map: null,
    setup: false,
    teardownOf: [],
    failsRun: true,
  }
}
