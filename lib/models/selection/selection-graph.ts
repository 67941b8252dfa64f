import { reachable } from "#lib/domain/dag.ts"
import type { Selectable } from "./selectable.ts"

/** Nodes and the edges between them in both directions; built once for any number of selections. */
export interface SelectionGraph {
  /** By id, in the order given. */
  nodes: ReadonlyMap<string, Selectable>
  parents: ReadonlyMap<string, readonly string[]>
  children: ReadonlyMap<string, readonly string[]>
}

/** O(nodes + edges). Edges to what is not among the nodes are left out. */
export function buildSelectionGraph(list: Iterable<Selectable>): SelectionGraph {
  const nodes = new Map([...list].map((node) => [node.id, node]))
  const parents = new Map<string, string[]>()
  const children = new Map<string, string[]>([...nodes.keys()].map((id) => [id, []]))
  for (const [id, { dependsOn }] of nodes) {
    const known = [...new Set(dependsOn)].filter((parent) => nodes.has(parent))
    parents.set(id, known)
    for (const parent of known) children.get(parent)!.push(id)
  }
  return { nodes, parents, children }
}

/** What can be reached in so many steps, the roots included. */
export function within(
  edges: ReadonlyMap<string, readonly string[]>,
  roots: ReadonlySet<string>,
  depth: number,
): Set<string> {
  if (depth === Number.POSITIVE_INFINITY) return reachable(edges, roots)
  const seen = new Set(roots)
  let front = [...roots]
  for (let step = 0; step < depth && front.length > 0; step++) {
    const next: string[] = []
    for (const id of front) {
      for (const neighbour of edges.get(id) ?? []) {
        if (seen.has(neighbour)) continue
        seen.add(neighbour)
        next.push(neighbour)
      }
    }
    front = next
  }
  return seen
}
