import { graphNodes, type Manifest, parentsOf } from "./manifest.ts"
import { ProjectError } from "./project-error.ts"

/** @throws ProjectError naming the way round, where nodes depend on each other in a circle. */
export function assertNoCycle(manifest: Manifest): void {
  const parents = new Map([...graphNodes(manifest)].map((node) => [node.unique_id, node]))
  const done = new Set<string>()
  for (const start of parents.keys()) {
    const cycle = findCycle(start, (id) => parentsOf(parents.get(id)!).filter((parent) => parents.has(parent)), done)
    if (!cycle) continue
    const [first] = cycle
    const node = parents.get(first!)!
    const way = [...cycle, first!].map((id) => parents.get(id)!.name).join(" → ")
    throw new ProjectError({
      file: node.original_file_path,
      line: 1,
      column: 1,
      message: `nodes depend on each other in a circle: ${way}.`,
    })
  }
}

/** Depth first without recursion, for chains may be thousands long. `done` gathers what leads into no circle. */
function findCycle(start: string, parentsOfId: (id: string) => readonly string[], done: Set<string>): string[] | null {
  const way: { id: string; parents: readonly string[]; next: number }[] = []
  const onWay = new Set<string>()
  const enter = (id: string) => {
    way.push({ id, parents: parentsOfId(id), next: 0 })
    onWay.add(id)
  }
  if (done.has(start)) return null
  enter(start)
  while (way.length > 0) {
    const top = way.at(-1)!
    const parent = top.parents[top.next++]
    if (parent === undefined) {
      done.add(top.id)
      onWay.delete(top.id)
      way.pop()
    } else if (onWay.has(parent)) {
      // Parents lie deeper, so the circle is read backwards: from what is used to who uses it.
      return way.slice(way.findIndex(({ id }) => id === parent)).map(({ id }) => id)
    } else if (!done.has(parent)) enter(parent)
  }
  return null
}
