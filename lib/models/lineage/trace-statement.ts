import type { Node, RangeVar } from "libpg-query"
import { stringsOf } from "./node-names.ts"
import type { Column, OpenColumns } from "./relation.ts"
import { RowInfluences } from "./row-influences.ts"
import { traceChange } from "./trace-change.ts"
import { renameColumns } from "./trace-from.ts"
import { traceQuery } from "./trace-query.ts"
import type { Tracing } from "./tracing.ts"

export type StatementKind = "query" | "create" | "insert" | "update" | "delete" | "merge" | "other"

/** What one statement gives or writes. */
export interface TracedStatement {
  kind: StatementKind
  /** Id of the relation that is written; null for a query. */
  target: string | null
  columns: readonly Column[]
  open: readonly OpenColumns[]
  rows: RowInfluences
}

const NOWHERE = { ctes: null, scope: null }

export function traceStatement(node: Node, tracing: Tracing): TracedStatement {
  const change = traceChange(node, NOWHERE, tracing)
  if (change) {
    const columns = [...change.written].map(([name, sources]) => ({ name, sources, viaStar: [], type: null }))
    return { kind: change.kind, target: change.target, columns, open: [], rows: change.rows }
  }
  if ("CreateTableAsStmt" in node) {
    const { query, into } = node.CreateTableAsStmt
    return traceCreate(query!, into?.rel, stringsOf(into?.colNames), tracing)
  }
  if ("ViewStmt" in node)
    return traceCreate(node.ViewStmt.query!, node.ViewStmt.view, stringsOf(node.ViewStmt.aliases), tracing)
  if ("SelectStmt" in node && node.SelectStmt.intoClause) {
    return traceCreate(node, node.SelectStmt.intoClause.rel, [], tracing)
  }
  const { columns, open, rows } = traceQuery(node, NOWHERE, tracing)
  return {
    kind: "SelectStmt" in node ? "query" : "other",
    target: null,
    columns,
    open,
    rows: rows ?? new RowInfluences(),
  }
}

/** The new relation need not be in the catalogue. */
function traceCreate(query: Node, range: RangeVar | undefined, names: string[], tracing: Tracing): TracedStatement {
  const { columns, open, rows } = renameColumns(traceQuery(query, NOWHERE, tracing), names, tracing)
  const target = range ? tracing.target(range, { mayBeUnknown: true }).id : null
  return { kind: "create", target, columns, open, rows: rows ?? new RowInfluences() }
}
