import { keyOf } from "#lib/models/lineage/column-key.ts"
import type { ColumnId } from "#lib/models/lineage/column-lineage.ts"
import type { TableEdge } from "#lib/store/read/lineage.ts"
import { type ColumnCatalogue, sensitiveColumns } from "./column-catalogue.ts"
import { downstreamOf } from "./table-lineage.ts"

/** Why values of a column are masked: its tag, or `unknown`. Null: they may be shown. */
export type MaskOf = (column: string) => string | null

/**
 * Which columns of a dataset are masked: those with a sensitive tag, their own or inherited. Where sensitive columns go into
 * a dataset and its query could not be followed to the end, so are all columns whose sources are not known, and what comes
 * from such columns further on: what cannot be ruled out is not shown. A dataset that is marked as a whole, and none of its
 * columns, is masked whole. A column that the project clears is shown.
 */
export function maskedColumns(id: string, catalogue: ColumnCatalogue, edges: readonly TableEdge[]): MaskOf {
  const { tagged, reached, sensitive, cleared } = catalogue
  const tags = new Map(
    [...reached.inherited, ...tagged].filter(({ relation }) => relation === id).map(({ column, tag }) => [column, tag]),
  )
  const isUnknown = unknownOrigins(catalogue, edges)
  const isWhole = sensitive.has(id) && !tagged.some(({ relation }) => relation === id)
  return (column) => {
    const tag = tags.get(column)
    if (tag !== undefined) return tag
    if (cleared.has(keyOf({ relation: id, column }))) return null
    return isWhole || isUnknown({ relation: id, column }) ? "unknown" : null
  }
}

/** Tells whether personal data may have come into a column on a way that nobody could follow. */
function unknownOrigins(catalogue: ColumnCatalogue, edges: readonly TableEdge[]): (column: ColumnId) => boolean {
  const { graph, bookkeeping, cleared } = catalogue
  const fed = new Set([...sensitiveColumns(catalogue).keys()].flatMap((dataset) => downstreamOf(edges, dataset)))
  const followed = new Map<string, ReadonlySet<string>>()
  const isLost = ({ relation, column }: ColumnId) => {
    if (cleared.has(keyOf({ relation, column })) || !fed.has(relation) || bookkeeping.get(relation)?.has(column))
      return false
    if (!followed.has(relation)) followed.set(relation, followedColumns(catalogue, relation))
    return !followed.get(relation)!.has(column)
  }
  return (start) => {
    const seen = new Set([keyOf(start)])
    const queue = [start]
    for (const column of queue) {
      if (isLost(column)) return true
      for (const source of graph.upstream(column)) {
        if (source.anonymisedBy !== null || cleared.has(keyOf(source)) || seen.has(keyOf(source))) continue
        seen.add(keyOf(source))
        queue.push(source)
      }
    }
    return false
  }
}

/** Of a query that was understood whole, all columns; else those that were traced to something; without one, none. */
function followedColumns({ graph }: ColumnCatalogue, dataset: string): Set<string> {
  const lineage = graph.lineages.get(dataset)
  if (!lineage) return new Set()
  const { columns, gaps } = lineage
  return new Set(columns.filter(({ sources }) => gaps.length === 0 || sources.length > 0).map(({ name }) => name))
}
