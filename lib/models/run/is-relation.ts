import type { ParsedNode } from "../project/node.ts"
import type { RunnableNode } from "./work-graph.ts"

/** Whether a node becomes a table or a view that others may refer to. */
export function isRelation(node: RunnableNode): node is ParsedNode {
  return node.resource_type === "model" || node.resource_type === "seed" || node.resource_type === "snapshot"
}
