import type { Manifest } from "../project/manifest.ts"
import type { ParsedNode, SourceNode, UnitTestNode } from "../project/node.ts"
import type { NodeTask, ParentEntry } from "./protocol.ts"

/** What is read from another place than where it would be built, by unique id (`--defer`). */
export type DeferredRelations = ReadonlyMap<string, NonNullable<ParentEntry["deferredTo"]>>

/** A node with all that its templates may read: its parents, and through ephemeral ones theirs. */
export function nodeTask(
  manifest: Manifest,
  node: ParsedNode | UnitTestNode,
  options: Omit<NodeTask, "node" | "parents"> & { deferred?: DeferredRelations },
): NodeTask {
  const { deferred, ...rest } = options
  const parents = new Map<string, ParsedNode | SourceNode>()
  const collect = (ids: readonly string[]): void => {
    for (const id of ids) {
      const parent = manifest.nodes.get(id) ?? manifest.sources.get(id)
      if (!parent || parents.has(id)) continue
      parents.set(id, parent)
      if (parent.resource_type === "model" && parent.config.materialized === "ephemeral")
        collect(parent.depends_on.nodes)
    }
  }
  const tested = node.resource_type === "unit_test" ? manifest.nodes.get(node.tested_node_unique_id ?? "") : undefined
  collect((tested ?? node).depends_on.nodes)
  return {
    ...rest,
    ...(tested && { testedModel: tested }),
    node,
    parents: [...parents.values()].map((parent) => {
      const deferredTo = deferred?.get(parent.unique_id)
      return { node: slim(parent), ...(deferredTo && { deferredTo }) }
    }),
  }
}

/** Without what only the node itself needs, as every reader gets a copy. */
function slim(node: ParsedNode | SourceNode): ParsedNode | SourceNode {
  if (node.resource_type === "source") return { ...node, columns: {}, description: "", source_description: "" }
  if (node.resource_type === "model" && node.config.materialized === "ephemeral") return node
  return { ...node, columns: {}, description: "", raw_code: "", unrendered_config: {}, refs: [], sources: [] }
}
