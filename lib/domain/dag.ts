/** A directed graph by node id: `upstream.get(id)` lists the nodes that `id` waits for. */
export type UpstreamMap = ReadonlyMap<string, readonly string[]>

/** The nodes of one cycle in order, the first repeated at the end, or null where there is none. O(nodes + edges). */
export function findCycle(upstream: UpstreamMap): string[] | null {
  const state = new Map<string, "open" | "closed">()
  const path: string[] = []
  for (const root of upstream.keys()) {
    if (state.has(root)) continue
    // An explicit stack: authors generate DAGs of 10,000 tasks in a row, which recursion does not survive.
    const stack: { id: string; next: number }[] = [{ id: root, next: 0 }]
    state.set(root, "open")
    path.push(root)
    while (stack.length > 0) {
      const frame = stack.at(-1)!
      const parent = upstream.get(frame.id)?.[frame.next++]
      if (parent === undefined) {
        state.set(frame.id, "closed")
        path.pop()
        stack.pop()
      } else if (state.get(parent) === "open") {
        // `path` runs against the edges; people read a cycle in the direction of execution.
        return [...path.slice(path.indexOf(parent)), parent].reverse()
      } else if (!state.has(parent)) {
        state.set(parent, "open")
        path.push(parent)
        stack.push({ id: parent, next: 0 })
      }
    }
  }
  return null
}

/** Node ids so that each follows all it waits for, ties in the order of declaration (Kahn 1962). Assumes no cycle. */
export function topologicalOrder(upstream: UpstreamMap): string[] {
  const waits = new Map([...upstream].map(([id, parents]) => [id, parents.length]))
  const downstream = invert(upstream)
  const ready = [...waits].filter(([, count]) => count === 0).map(([id]) => id)
  for (let index = 0; index < ready.length; index++) {
    for (const child of downstream.get(ready[index]!) ?? []) {
      const left = waits.get(child)! - 1
      waits.set(child, left)
      if (left === 0) ready.push(child)
    }
  }
  return ready
}

/** The same edges seen from their other end. */
export function invert(upstream: UpstreamMap): Map<string, string[]> {
  const downstream = new Map<string, string[]>([...upstream.keys()].map((id) => [id, []]))
  for (const [id, parents] of upstream) for (const parent of parents) downstream.get(parent)?.push(id)
  return downstream
}

/** Everything reachable from `roots` along `edges`, the roots included. */
export function reachable(edges: UpstreamMap, roots: Iterable<string>): Set<string> {
  const seen = new Set<string>(roots)
  const queue = [...seen]
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    for (const next of edges.get(id) ?? []) {
      if (!seen.has(next)) {
        seen.add(next)
        queue.push(next)
      }
    }
  }
  return seen
}
