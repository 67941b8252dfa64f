import { graphNodes, type Manifest, parentsOf } from "../project/manifest.ts"
import type { ParsedNode, UnitTestNode } from "../project/node.ts"
import type { WorkGraph } from "./run-graph.ts"

/** What a command may run. */
export type RunnableNode = ParsedNode | UnitTestNode

/**
 * The order of the selected nodes: each after those that it is built from, also where the way leads through nodes that are not
 * selected. With `areTestsGates` (`build`), what is built from a tested node waits for its tests, too, and a model for its unit
 * tests.
 */
export function workGraph(manifest: Manifest, selected: ReadonlySet<string>, areTestsGates: boolean): WorkGraph {
  const all = new Map([...graphNodes(manifest)].map((node) => [node.unique_id, node]))
  const through = new Map<string, readonly string[]>()

  /** The selected nodes nearest above one that may not be selected itself. */
  const nearest = (id: string): readonly string[] => {
    if (selected.has(id)) return [id]
    const known = through.get(id)
    if (known) return known
    const node = all.get(id)
    const found = node ? [...new Set(parentsOf(node).flatMap(nearest))] : []
    through.set(id, found)
    return found
  }

  const parents = new Map<string, Set<string>>()
  for (const id of selected) {
    const node = all.get(id)
    parents.set(id, new Set(node ? parentsOf(node).flatMap(nearest) : []))
  }
  if (areTestsGates) addGates(all, parents)
  return { ids: [...selected], parents: (id) => [...(parents.get(id) ?? [])] }
}

type Parents = Map<string, Set<string>>

function addGates(all: ReadonlyMap<string, { resource_type: string }>, parents: Parents): void {
  const isTest = (id: string) => all.get(id)?.resource_type === "test"
  const unitTests = [...parents.keys()].filter((id) => all.get(id)?.resource_type === "unit_test")
  for (const id of unitTests) {
    // Its model is tested before it is built: it waits for what the model reads.
    const { tested_node_unique_id: model } = all.get(id) as unknown as UnitTestNode
    if (model === null || !parents.has(model)) continue
    parents.set(id, new Set(parents.get(model)))
    parents.get(model)!.add(id)
  }
  const children = childrenOf(parents)
  const ancestors = new Map<string, Set<string>>()
  const gates: [string, string][] = []
  for (const test of parents.keys()) {
    if (!isTest(test)) continue
    const tested = [...parents.get(test)!]
    const below = new Set(tested.flatMap((id) => children.get(id) ?? []).filter((id) => !isTest(id)))
    for (const child of below) {
      // A test of several nodes holds up only what is built from all of them; else there could be a circle.
      const waits = tested.length === 1 || tested.every((id) => ancestorsOf(child, parents, ancestors).has(id))
      if (waits) gates.push([test, child])
    }
  }
  for (const [test, child] of gates) parents.get(child)!.add(test)
}

function childrenOf(parents: Parents): Map<string, string[]> {
  const children = new Map<string, string[]>()
  for (const [id, of] of parents) {
    for (const parent of of) {
      const known = children.get(parent)
      if (known) known.push(id)
      else children.set(parent, [id])
    }
  }
  return children
}

function ancestorsOf(id: string, parents: Parents, known: Map<string, Set<string>>): Set<string> {
  const found = known.get(id)
  if (found) return found
  const ancestors = new Set<string>()
  const stack = [...(parents.get(id) ?? [])]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (ancestors.has(next)) continue
    ancestors.add(next)
    stack.push(...(parents.get(next) ?? []))
  }
  known.set(id, ancestors)
  return ancestors
}
