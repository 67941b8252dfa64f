import type { SemanticNode } from "../project/node.ts"

/** A metric, semantic model or saved query: what is known of it, and all that its file says. */
export function semanticEntry({ definition, resource_type, ...node }: SemanticNode, createdAt: number): object {
  return { ...definition, ...node, resource_type, created_at: createdAt }
}
