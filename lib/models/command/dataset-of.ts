import type { ParsedNode, SourceNode } from "../project/node.ts"

/** `warehouse.schema.name`, as datasets are called. */
export function datasetOf(node: ParsedNode | SourceNode): string {
  return `warehouse.${node.schema}.${node.resource_type === "source" ? node.identifier : node.alias}`
}
