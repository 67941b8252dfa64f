import type { Manifest } from "./manifest.ts"
import { asList } from "./merge-config.ts"
import type { ModelNode, TestNode } from "./node.ts"

/**
 * Says of each model which columns tell its rows apart: those of a primary key constraint; else those tested for being unique
 * and not null; else those tested for being unique, alone or together.
 */
export function inferPrimaryKeys(manifest: Manifest): void {
  const tests = new Map<string, TestNode[]>()
  for (const node of manifest.nodes.values()) {
    if (node.resource_type !== "test" || node.attached_node === null) continue
    const known = tests.get(node.attached_node)
    if (known) known.push(node)
    else tests.set(node.attached_node, [node])
  }
  for (const node of manifest.nodes.values()) {
    if (node.resource_type === "model") node.primary_key = primaryKeyOf(node, tests.get(node.unique_id) ?? [])
  }
}

function primaryKeyOf(model: ModelNode, tests: readonly TestNode[]): string[] {
  const constraint = model.constraints.find(({ type }) => type === "primary_key")
  if (constraint?.columns) return constraint.columns
  const column = Object.values(model.columns).find(({ constraints }) =>
    constraints.some(({ type }) => type === "primary_key"),
  )
  if (column) return [column.name]
  const tested = (name: string) => tests.filter(({ test_metadata }) => test_metadata!.name === name).flatMap(columnsOf)
  const unique = [...tested("unique"), ...tested("unique_combination_of_columns")]
  const notNull = new Set(tested("not_null"))
  const both = unique.filter((name) => notNull.has(name))
  return [...new Set(both.length > 0 ? both : unique)]
}

function columnsOf({ test_metadata }: TestNode): string[] {
  const { column_name: column, combination_of_columns: columns } = test_metadata!.kwargs
  return asList(column ?? columns).map(String)
}
