/** Work with an order: each id after those that it depends on. */
export interface WorkGraph {
  /** In the order in which those that are ready at once are taken. */
  ids: readonly string[]
  /** Ids that are in `ids`; free of circles. */
  parents(id: string): readonly string[]
}

export interface GraphRun<Outcome> {
  graph: WorkGraph
  /** How many run at a time, at least 1. */
  concurrency: number
  run(id: string): Promise<Outcome>
  /** Of an id that does not run, as one it depends on (`cause`) has an outcome that blocks, or as all was stopped (null). */
  skip(id: string, cause: string | null): Outcome
  /** Whether what depends on it is not to run. */
  blocks(outcome: Outcome): boolean
  /** Whether nothing further is to begin (`--fail-fast`). */
  stops?(outcome: Outcome): boolean
  /** Aborted: nothing further begins. */
  signal?: AbortSignal
}

/**
 * Runs all of a graph and gives the outcome of each id, in the order in which they ended. Those with the longest way behind them
 * go first, so the last ones to end are not a chain that began late. `run` must not reject: what it throws, this throws.
 */
export async function runGraph<Outcome>(options: GraphRun<Outcome>): Promise<Map<string, Outcome>> {
  const { graph, concurrency, run, skip, blocks, stops, signal } = options
  const outcomes = new Map<string, Outcome>()
  const children = new Map<string, string[]>(graph.ids.map((id) => [id, []]))
  const missing = new Map<string, number>()
  for (const id of graph.ids) {
    const parents = graph.parents(id)
    missing.set(id, parents.length)
    for (const parent of parents) children.get(parent)!.push(id)
  }
  const rank = rankOf(graph, children)
  const ready = graph.ids.filter((id) => missing.get(id) === 0).sort((a, b) => rank.get(a)! - rank.get(b)!)
  const blockedBy = new Map<string, string>()
  let isStopped = false

  const settle = (id: string, outcome: Outcome): void => {
    const queue: [string, Outcome][] = [[id, outcome]]
    for (let next = queue.pop(); next; next = queue.pop()) {
      const [ended, result] = next
      outcomes.set(ended, result)
      if (stops?.(result)) isStopped = true
      const isBlocking = blocks(result)
      for (const child of children.get(ended)!) {
        if (isBlocking && !blockedBy.has(child)) blockedBy.set(child, ended)
        const left = missing.get(child)! - 1
        missing.set(child, left)
        if (left > 0) continue
        const cause = blockedBy.get(child)
        if (cause !== undefined) queue.push([child, skip(child, cause)])
        else insert(ready, child, rank)
      }
    }
  }

  const running = new Set<Promise<void>>()
  for (;;) {
    if (signal?.aborted) isStopped = true
    while (ready.length > 0 && running.size < concurrency && !isStopped) {
      const id = ready.shift()!
      const work: Promise<void> = run(id).then((outcome) => {
        running.delete(work)
        settle(id, outcome)
      })
      running.add(work)
    }
    if (running.size === 0) break
    await Promise.race(running)
  }
  for (const id of graph.ids) if (!outcomes.has(id)) outcomes.set(id, skip(id, null))
  return outcomes
}

/** The place of each id in the queue: by the longest way from it to an end, then as given. */
function rankOf(graph: WorkGraph, children: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const heights = new Map<string, number>()
  for (const root of graph.ids) {
    const stack = [root]
    while (stack.length > 0) {
      const id = stack.at(-1)!
      const open = heights.has(id) ? [] : children.get(id)!.filter((child) => !heights.has(child))
      if (open.length > 0) {
        stack.push(...open)
        continue
      }
      stack.pop()
      heights.set(id, 1 + Math.max(0, ...children.get(id)!.map((child) => heights.get(child)!)))
    }
  }
  const order = [...graph.ids.keys()].sort((a, b) => heights.get(graph.ids[b]!)! - heights.get(graph.ids[a]!)! || a - b)
  return new Map(order.map((place, rank) => [graph.ids[place]!, rank]))
}

function insert(ready: string[], id: string, rank: ReadonlyMap<string, number>): void {
  const place = ready.findIndex((other) => rank.get(other)! > rank.get(id)!)
  if (place === -1) ready.push(id)
  else ready.splice(place, 0, id)
}
