import type { ColumnLineage } from "#lib/models/lineage/column-lineage.ts"
import type { TableEdge } from "#lib/store/read/lineage.ts"
import { type ColumnCatalogue, sensitiveColumns } from "./column-catalogue.ts"
import { upstreamOf } from "./table-lineage.ts"

/** Why values of a column are masked: its tag, or `unknown`. Null: they may be shown. */
export type MaskOf = (column: string) => string | null

/**
 * Which columns of a dataset are masked: those with a sensitive tag, their own or inherited. Where sensitive columns go into
 * a dataset and its query could not be followed to the end, so are all columns whose sources are not known: what cannot be
 * ruled out is not shown. `exempt` are columns that hold no values of others, such as those that a snapshot adds.
 */
export function maskedColumns(
  id: string,
  catalogue: ColumnCatalogue,
  edges: readonly TableEdge[],
  exempt: ReadonlySet<string>,
): MaskOf {
  const { graph, tagged, reached } = catalogue
  const tags = new Map(
    [...reached.inherited, ...tagged].filter(({ relation }) => relation === id).map(({ column, tag }) => [column, tag]),
  )
  const lineage = graph.lineages.get(id)
  const sensitive = sensitiveColumns(catalogue)
  const isFed = upstreamOf(edges, id).some((upstream) => sensitive.has(upstream))
  const known = lineage ? followedColumns(lineage) : new Set<string>()
  return (column) => tags.get(column) ?? (isFed && !known.has(column) && !exempt.has(column) ? "unknown" : null)
}

/** Of a query that was understood whole, all columns; else those that were traced to something. */
function followedColumns({ columns, gaps }: ColumnLineage): Set<string> {
  return new Set(columns.filter(({ sources }) => gaps.length === 0 || sources.length > 0).map(({ name }) => name))
}
