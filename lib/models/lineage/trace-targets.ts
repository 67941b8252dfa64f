import type { Node, ResTarget } from "libpg-query"
import { endsInStar, stringsOf } from "./node-names.ts"
import { outputName } from "./output-name.ts"
import type { Column, OpenColumns } from "./relation.ts"
import { findNamed } from "./resolve-column.ts"
import { traceExpression } from "./trace-expression.ts"
import type { Place } from "./tracing.ts"

/** The columns of a SELECT or RETURNING list, stars expanded. */
export interface Targets {
  columns: readonly Column[]
  /** Stars over relations whose columns are not known. */
  open: readonly OpenColumns[]
}

export function traceTargets(targets: readonly Node[] | undefined, place: Place): Targets {
  const all = (targets ?? []).map((node) => ("ResTarget" in node ? traceTarget(node.ResTarget, place) : NOTHING))
  return { columns: all.flatMap(({ columns }) => columns), open: all.flatMap(({ open }) => open) }
}

const NOTHING: Targets = { columns: [], open: [] }

function traceTarget({ name, val }: ResTarget, place: Place): Targets {
  if (val && "ColumnRef" in val && endsInStar(val.ColumnRef.fields)) {
    return starColumns(stringsOf(val.ColumnRef.fields), place, val.ColumnRef.location)
  }
  if (val && "A_Indirection" in val && endsInStar(val.A_Indirection.indirection)) return compositeColumns(val, place)
  const { sources, type, row } = traceExpression(val, place)
  return { columns: [{ name: name ?? outputName(val), sources, viaStar: [], type, row }], open: [] }
}

function starColumns(names: readonly string[], place: Place, location: number | undefined): Targets {
  if (names.length === 0) return { columns: place.scope.columns, open: place.scope.open }
  const [alias, schema] = [...names].reverse()
  const item = findNamed(place.scope, alias!, schema ?? null)
  if (item) return item.relation
  const text = `${names.join(".")}.*`
  place.tracing.gap("unknown_column", text, `Nothing in FROM is called ${alias}, as in ${text}.`, location)
  return NOTHING
}

/** `(x).*`: the columns of a whole row; those of a composite value are known to its type alone. */
function compositeColumns(node: Extract<Node, { A_Indirection: unknown }>, place: Place): Targets {
  const { arg, indirection } = node.A_Indirection
  const inner: Node = { A_Indirection: { ...(arg && { arg }), indirection: (indirection ?? []).slice(0, -1) } }
  const { row, sources } = traceExpression(inner, place)
  if (row) return row
  const label = `(${outputName(inner)}).*`
  return { columns: [], open: [{ label, column: (name) => ({ name, sources, viaStar: [], type: null }) }] }
}
