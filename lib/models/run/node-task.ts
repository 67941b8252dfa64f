import type { Manifest } from "../project/manifest.ts"
import type { ParsedNode, SourceNode, UnitTestNode } from "../project/node.ts"
import type { NodeTask, ParentEntry } from "./protocol.ts"

/** What is read from another place than where it would be built, by unique id (`--defer`). */
export type DeferredRelations = ReadonlyMap<string, NonNullable<ParentEntry["deferredTo"]>>

type NodesOfTask = Pick<Manifest, "nodes" | "sources">

/** A node with all that its templates may read: its parents, and through ephemeral ones theirs. */
export function nodeTask(
  manifest: NodesOfTask,
  node: ParsedNode | UnitTestNode,
  options: Omit<NodeTask, "node" | "parents"> & { deferred?: DeferredRelations },
): NodeTask {
  const { deferred, ...rest } = options
  const tested = testedBy(manifest, node)
  return {
    ...rest,
    ...(tested && { testedModel: tested }),
    node,
    parents: parentsInTask(manifest, node).map((parent) => {
      const deferredTo = deferred?.get(parent.unique_id)
      return { node: slim(parent), ...(deferredTo && { deferredTo }) }
    }),
  }
}

/** What a node reads, or the model that a unit test tests, each once: those that it names, and through ephemeral ones theirs. */
export function parentsInTask(manifest: NodesOfTask, node: ParsedNode | UnitTestNode): (ParsedNode | SourceNode)[] {
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
  collect((testedBy(manifest, node) ?? node).depends_on.nodes)
  return [...parents.values()]
}

function testedBy(manifest: NodesOfTask, node: ParsedNode | UnitTestNode): ParsedNode | undefined {
  return node.resource_type === "unit_test" ? manifest.nodes.get(node.tested_node_unique_id ?? "") : undefined
}

/** Without what only the node itself needs, as every reader gets a copy. */
export function slim(node: ParsedNode | SourceNode): ParsedNode | SourceNode {
  if (node.resource_type === "source") return { ...node, columns: {}, description: "", source_description: "" }
  if (node.resource_type === "model" && node.config.materialized === "ephemeral") return node
  return { ...node, columns: {}, description: "", raw_code: "", unrendered_config: {}, refs: [], sources: [] }
}
