import type { Manifest } from "../project/manifest.ts"
import type { ParsedNode, SourceNode, UnitTestNode } from "../project/node.ts"
import { parentsInTask, slim } from "./node-task.ts"

/** As much of a manifest as running some of its nodes takes; the nodes around them are slim. */
export type ManifestSlice = Pick<Manifest, "nodes" | "sources" | "unitTests">

/** The nodes and unit tests of these ids that there are, with what they read, what tests stand at, and what unit tests test. */
export function sliceManifest(manifest: ManifestSlice, ids: readonly string[]): ManifestSlice {
  const slice: ManifestSlice = { nodes: new Map(), sources: new Map(), unitTests: new Map() }
  const asked = ids.flatMap((id): (ParsedNode | UnitTestNode)[] => {
    const found = manifest.nodes.get(id) ?? manifest.unitTests.get(id)
    return found ? [found] : []
  })
  for (const node of asked) {
    if (node.resource_type === "unit_test") slice.unitTests.set(node.unique_id, node)
    else slice.nodes.set(node.unique_id, node)
  }
  // Compiled whole, as what a unit test runs is the model's own query.
  for (const node of asked) {
    const tested = node.resource_type === "unit_test" ? manifest.nodes.get(node.tested_node_unique_id ?? "") : undefined
    if (tested) slice.nodes.set(tested.unique_id, tested)
  }
  for (const node of asked) for (const near of around(manifest, node)) addSlim(slice, near)
  return slice
}

function around(manifest: ManifestSlice, node: ParsedNode | UnitTestNode): (ParsedNode | SourceNode)[] {
  const attached = node.resource_type === "test" ? manifest.nodes.get(node.attached_node ?? "") : undefined
  return [...parentsInTask(manifest, node), ...(attached ? [attached] : [])]
}

function addSlim({ nodes, sources }: ManifestSlice, node: ParsedNode | SourceNode): void {
  const small = slim(node)
  if (small.resource_type === "source") sources.set(small.unique_id, small)
  else if (!nodes.has(small.unique_id)) nodes.set(small.unique_id, small)
}
