import type { Manifest } from "../project/manifest.ts"
import type { OperationNode } from "../project/node.ts"

export type HookEvent = "on-run-start" | "on-run-end"

/** The hooks of an event, of the project and its packages, in their order. */
export function hooksOf({ nodes }: Pick<Manifest, "nodes">, event: HookEvent): OperationNode[] {
  return [...nodes.values()]
    .filter((node): node is OperationNode => node.resource_type === "operation" && node.tags.includes(event))
    .sort((a, b) => a.index - b.index)
}
