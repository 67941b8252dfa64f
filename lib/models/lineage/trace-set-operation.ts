import type { SelectStmt } from "libpg-query"
import type { Column, Relation } from "./relation.ts"
import { RowInfluences } from "./row-influences.ts"
import { type BaseColumn, mergeSources, type Sources } from "./sources.ts"
import type { Surroundings, Tracing } from "./tracing.ts"

/**
 * UNION, INTERSECT and EXCEPT: columns meet by position under the names of the left side. The right side of EXCEPT gives
 * no values, it only decides which rows stay.
 */
export function traceSetOperation(
  { larg, rarg, op, all }: SelectStmt,
  around: Surroundings,
  tracing: Tracing,
): Relation {
  const left = tracing.traceQuery({ SelectStmt: larg! }, around)
  const right = tracing.traceQuery({ SelectStmt: rarg! }, around)
  const rows = new RowInfluences()
  for (const side of [left, right]) if (side.rows) rows.addAll(side.rows)
  if (op === "SETOP_EXCEPT" || op === "SETOP_INTERSECT") rows.add("filter", allSources(right))
  if (!all) rows.add("group", mergeSources(allSources(left), op === "SETOP_UNION" ? allSources(right) : mergeSources()))
  const open = [...left.open, ...right.open]
  tracing.needsAll(open, "a set operation, which goes by position,")
  const isAligned = open.length === 0 && op !== "SETOP_EXCEPT"
  const columns = left.columns.map((column, index) => meet(column, right.columns[index], isAligned, tracing))
  for (const column of right.columns.slice(columns.length)) tracing.mention(column.viaStar)
  return { columns, open: left.open, rows }
}

/** Only where both sides lose the same column at once does the statement survive it. */
function meet(left: Column, right: Column | undefined, isAligned: boolean, tracing: Tracing): Column {
  const isShared = right !== undefined && sameColumns(left.viaStar, right.viaStar)
  if (!isShared) tracing.mention([...left.viaStar, ...(right?.viaStar ?? [])])
  const sources = isAligned && right ? mergeSources(left.sources, right.sources) : left.sources
  return { name: left.name, sources, viaStar: isShared ? left.viaStar : [], type: left.type }
}

function sameColumns(left: readonly BaseColumn[], right: readonly BaseColumn[]): boolean {
  return left.length === right.length && left.every((column, index) => column === right[index])
}

function allSources({ columns }: Relation): Sources {
  return mergeSources(...columns.map(({ sources }) => sources))
}
