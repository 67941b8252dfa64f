import type { Node, SelectStmt } from "libpg-query"
import { stringsOf } from "./node-names.ts"
import { openCtes } from "./open-ctes.ts"
import type { Column, Relation } from "./relation.ts"
import { RowInfluences } from "./row-influences.ts"
import { mergeSources, type Sources } from "./sources.ts"
import { traceChange } from "./trace-change.ts"
import { sortedExpression, sourcesOf, traceExpression, traceWindow } from "./trace-expression.ts"
import { traceFrom } from "./trace-from.ts"
import { traceSetOperation } from "./trace-set-operation.ts"
import { traceTargets } from "./trace-targets.ts"
import type { Place, Surroundings, Tracing } from "./tracing.ts"

/** Traces what a query gives: SELECT, VALUES, set operations, and what a data change returns. */
export function traceQuery(node: Node, around: Surroundings, tracing: Tracing): Relation {
  if ("SelectStmt" in node) return traceSelect(node.SelectStmt, around, tracing)
  const change = traceChange(node, around, tracing)
  if (change) return change.returning ?? { columns: [], open: [], rows: change.rows }
  const kind = Object.keys(node)[0] ?? "Unknown"
  tracing.gap("unsupported", kind, `${kind} is not a query that can be followed.`, -1)
  return { columns: [], open: [], rows: null }
}

function traceSelect(select: SelectStmt, { ctes, scope }: Surroundings, tracing: Tracing): Relation {
  const around = { ctes: select.withClause ? openCtes(select.withClause, { ctes, scope }, tracing) : ctes, scope }
  if (select.larg && select.rarg) {
    const relation = traceSetOperation(select, around, tracing)
    orderByOutput(select, relation)
    return relation
  }
  if (select.valuesLists) return traceValues(select.valuesLists, around, tracing)
  return tracePlainSelect(select, around, tracing)
}

function tracePlainSelect(select: SelectStmt, around: Surroundings, tracing: Tracing): Relation {
  const rows = new RowInfluences()
  const visible = traceFrom(select.fromClause, around, tracing, rows)
  const place: Place = { tracing, ctes: around.ctes, scope: { ...visible, outer: around.scope }, rows }
  const { columns, open } = traceTargets(select.targetList, place)
  rows.add("filter", traceExpression(select.whereClause, place).sources)
  rows.add("filter", traceExpression(select.havingClause, place).sources)
  rows.add("filter", sourcesOf([select.limitCount, select.limitOffset], place))
  for (const node of select.groupClause ?? []) rows.add("group", groupSources(node, columns, place))
  for (const node of select.windowClause ?? []) if ("WindowDef" in node) traceWindow(node.WindowDef, place)
  rows.add("group", distinctSources(select.distinctClause, columns, place))
  for (const node of select.sortClause ?? []) rows.add("order", orderSources(sortedExpression(node), columns, place))
  return { columns, open, rows }
}

/** GROUP BY takes a column of FROM before one of the list, ORDER BY the other way round (Postgres' parse_clause.c). */
function groupSources(node: Node, columns: readonly Column[], place: Place): Sources {
  const inside = (nodes: readonly Node[] | undefined) =>
    mergeSources(...(nodes ?? []).map((each) => groupSources(each, columns, place)))
  if ("GroupingSet" in node) return inside(node.GroupingSet.content)
  if ("List" in node) return inside(node.List.items)
  if ("RowExpr" in node) return inside(node.RowExpr.args)
  const name = bareName(node)
  const isInput = name !== null && place.scope.columns.some((column) => column.name === name)
  return isInput ? traceExpression(node, place).sources : orderSources(node, columns, place)
}

function orderSources(node: Node | undefined, columns: readonly Column[], place: Place): Sources {
  const output = node ? outputMeant(node, columns) : null
  return output ? output.sources : traceExpression(node, place).sources
}

/** `distinct` makes one row of equal ones, as if all columns were grouped by. */
function distinctSources(clause: readonly Node[] | undefined, columns: readonly Column[], place: Place): Sources {
  if (!clause) return mergeSources()
  // Plain DISTINCT is a list with one empty node in it.
  const keys = clause.filter((node) => Object.keys(node).length > 0)
  if (keys.length === 0) return mergeSources(...columns.map(({ sources }) => sources))
  return mergeSources(...keys.map((node) => orderSources(node, columns, place)))
}

/** The order of a set operation may name its columns alone. */
function orderByOutput(select: SelectStmt, { columns, rows }: Relation): void {
  for (const node of select.sortClause ?? []) {
    const sorted = sortedExpression(node)
    const output = sorted && outputMeant(sorted, columns)
    if (output) rows?.add("order", output.sources)
  }
}

/** The column of the list that `2` or its name stands for. */
function outputMeant(node: Node, columns: readonly Column[]): Column | null {
  if ("A_Const" in node && node.A_Const.ival?.ival !== undefined) return columns[node.A_Const.ival.ival - 1] ?? null
  const name = bareName(node)
  return name === null ? null : (columns.find((column) => column.name === name) ?? null)
}

function bareName(node: Node): string | null {
  if (!("ColumnRef" in node) || node.ColumnRef.fields?.length !== 1) return null
  return stringsOf(node.ColumnRef.fields)[0] ?? null
}

function traceValues(lists: readonly Node[], around: Surroundings, tracing: Tracing): Relation {
  const rows = new RowInfluences()
  const scope = { named: [], columns: [], open: [], outer: around.scope }
  const place: Place = { tracing, ctes: around.ctes, scope, rows }
  const columns: Sources[] = []
  for (const list of lists) {
    for (const [index, node] of (("List" in list && list.List.items) || []).entries()) {
      columns[index] = mergeSources(columns[index] ?? mergeSources(), traceExpression(node, place).sources)
    }
  }
  return {
    columns: columns.map((sources, index) => ({ name: `column${index + 1}`, sources, viaStar: [], type: null })),
    open: [],
    rows,
  }
}
