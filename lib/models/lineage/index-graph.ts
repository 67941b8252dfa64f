import type { CatalogueEntry } from "./catalogue.ts"
import { keyOf } from "./column-key.ts"
import type { ColumnId, ColumnLineage, ColumnSource } from "./column-lineage.ts"
import type { SqlSyntaxError } from "./parse-sql.ts"
import type { RowInfluenceKind } from "./row-influences.ts"

/** A column that flows into a column of another relation. */
export interface ValueEdge extends ColumnSource {
  into: ColumnId
}

/** A column that decides which rows another relation has, and so reaches all its columns. */
export interface RowEdge extends ColumnId {
  kind: RowInfluenceKind
  into: string
}

export interface ModelFault {
  model: string
  error: SqlSyntaxError
}

/** The columns of many relations and how they flow into each other. */
export interface ColumnGraph {
  /** Of each model whose SQL parses, in an order in which each follows what it reads. */
  lineages: ReadonlyMap<string, ColumnLineage>
  /** The columns of each relation, sources included; null where they are not known. */
  columns: ReadonlyMap<string, readonly string[] | null>
  /** Models that could not be parsed; the rest of the graph stands. */
  faults: readonly ModelFault[]
  upstream(column: ColumnId): readonly ColumnSource[]
  downstream(column: ColumnId): readonly ValueEdge[]
  rowsDecidedBy(column: ColumnId): readonly RowEdge[]
}

/**
 * The graph of lineages that were traced before, in an order in which each follows what it reads. Needs no parser, so it can
 * be built where none is loaded.
 */
export function indexGraph(
  lineages: ReadonlyMap<string, ColumnLineage>,
  known: ReadonlyMap<string, CatalogueEntry["columns"]>,
  faults: readonly ModelFault[],
): ColumnGraph {
  const upstream = new Map<string, readonly ColumnSource[]>()
  const downstream = new Index<ValueEdge>()
  const rowEdges = new Index<RowEdge>()
  for (const [id, { columns, rows }] of lineages) {
    for (const { name, sources } of columns) {
      const into = { relation: id, column: name }
      upstream.set(keyOf(into), sources)
      for (const source of sources) downstream.add(source, { ...source, into })
    }
    for (const row of rows) rowEdges.add(row, { ...row, into: id })
  }
  return {
    lineages,
    columns: new Map([...known].map(([id, columns]) => [id, columns?.map(({ name }) => name) ?? null])),
    faults,
    upstream: (column) => upstream.get(keyOf(column)) ?? [],
    downstream: (column) => downstream.get(column),
    rowsDecidedBy: (column) => rowEdges.get(column),
  }
}

class Index<T> {
  readonly #values = new Map<string, T[]>()

  add(column: ColumnId, value: T): void {
    const key = keyOf(column)
    const values = this.#values.get(key)
    if (values) values.push(value)
    else this.#values.set(key, [value])
  }

  get(column: ColumnId): readonly T[] {
    return this.#values.get(keyOf(column)) ?? []
  }
}
