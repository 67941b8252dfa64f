import type { Alias, JoinExpr, JsonTable, Node, RangeFunction, RangeVar } from "libpg-query"
import { functionColumns } from "./function-columns.ts"
import { stringsOf } from "./node-names.ts"
import {
  asVisible,
  besides,
  type Column,
  NOTHING_VISIBLE,
  type Relation,
  type Scope,
  type Visible,
} from "./relation.ts"
import type { RowInfluences } from "./row-influences.ts"
import { derive, mergeSources, NO_SOURCES, type Sources } from "./sources.ts"
import { sourcesOf, traceExpression } from "./trace-expression.ts"
import type { CteScope, Place, Surroundings, Tracing } from "./tracing.ts"

/** What items of FROM are traced with. */
interface FromContext {
  tracing: Tracing
  around: Surroundings
  rows: RowInfluences
  /** The items to the left, which LATERAL and functions see. */
  left: Visible
}

/** What a FROM clause makes visible. Joins and the rows of its items become influences on the query. */
export function traceFrom(
  items: readonly Node[] | undefined,
  around: Surroundings,
  tracing: Tracing,
  rows: RowInfluences,
): Visible {
  let left = NOTHING_VISIBLE
  for (const item of items ?? []) left = besides(left, traceItem(item, { tracing, around, rows, left }))
  return left
}

function traceItem(node: Node, context: FromContext): Visible {
  if ("RangeVar" in node) return traceRangeVar(node.RangeVar, context)
  if ("JoinExpr" in node) return traceJoin(node.JoinExpr, context)
  if ("RangeSubselect" in node) {
    const { subquery, lateral, alias } = node.RangeSubselect
    const around = lateral ? { ctes: context.around.ctes, scope: lateralScope(context) } : context.around
    const relation = context.tracing.traceQuery(subquery!, around)
    return named(alias, alias?.aliasname ?? "", relation, context)
  }
  if ("RangeFunction" in node) return traceFunction(node.RangeFunction, context)
  if ("RangeTableSample" in node && node.RangeTableSample.relation)
    return traceItem(node.RangeTableSample.relation, context)
  if ("RangeTableFunc" in node) {
    const { docexpr, rowexpr, columns, alias } = node.RangeTableFunc
    const sources = derive(sourcesOf([docexpr, rowexpr], lateralPlace(context)))
    const names = (columns ?? []).flatMap((each) =>
      "RangeTableFuncCol" in each ? [each.RangeTableFuncCol.colname!] : [],
    )
    return named(alias, "xmltable", computedRelation(names, sources), context)
  }
  if ("JsonTable" in node) return traceJsonTable(node.JsonTable, context)
  const kind = Object.keys(node)[0] ?? "Unknown"
  context.tracing.gap("unsupported", kind, `${kind} in FROM cannot be followed.`, -1)
  return NOTHING_VISIBLE
}

function lateralScope({ left, around }: FromContext): Scope {
  return { ...left, outer: around.scope }
}

function lateralPlace(context: FromContext): Place {
  const { tracing, around, rows } = context
  return { tracing, ctes: around.ctes, scope: lateralScope(context), rows }
}

/** Gives a relation its alias and the names of its columns, and lets it influence the query's rows. */
function named(
  alias: Alias | undefined,
  ownName: string,
  relation: Relation,
  { tracing, rows }: FromContext,
  schema: string | null = null,
): Visible {
  if (relation.rows) rows.addAll(relation.rows)
  const names = stringsOf(alias?.colnames)
  return asVisible(alias?.aliasname ?? ownName, alias ? null : schema, renameColumns(relation, names, tracing))
}

/** `t(a, b)`: the first columns get new names, by position. The statement fails when one of them goes. */
export function renameColumns(relation: Relation, names: readonly string[], tracing: Tracing): Relation {
  if (names.length === 0) return relation
  const columns: Column[] = relation.columns.map((column, index) => {
    const name = names[index]
    if (name === undefined) return column
    tracing.mention(column.viaStar)
    return { ...column, name, viaStar: [] }
  })
  if (names.length > columns.length) {
    tracing.needsAll(relation.open, "a list of column names")
    for (const name of names.slice(columns.length)) {
      columns.push({ name, sources: NO_SOURCES, viaStar: [], type: null })
    }
  }
  return { ...relation, columns }
}

function traceRangeVar(range: RangeVar, context: FromContext): Visible {
  const cte = range.schemaname ? null : findCte(range.relname!, context.around.ctes)
  const relation = cte ?? context.tracing.baseRelation(range)
  return named(range.alias, range.relname!, relation, context, range.schemaname ?? null)
}

function findCte(name: string, ctes: CteScope | null): Relation | null {
  for (let scope = ctes; scope; scope = scope.outer) {
    const trace = scope.byName.get(name)
    if (trace) return trace()
  }
  return null
}

/** A join of two sides: merged columns first, then what is left of each side (SQL:2016 7.10, as Postgres does it). */
function traceJoin(join: JoinExpr, context: FromContext): Visible {
  const left = traceItem(join.larg!, context)
  const right = traceItem(join.rarg!, { ...context, left: besides(context.left, left) })
  const both = besides(left, right)
  const place: Place = {
    ...lateralPlace(context),
    scope: { ...besides(context.left, both), outer: context.around.scope },
  }
  context.rows.add("join", traceExpression(join.quals, place).sources)
  const shared = join.isNatural ? commonNames(left, right, context.tracing) : stringsOf(join.usingClause)
  const merged = shared.map((name) => mergedColumn(name, left, right, join, context))
  const rest = (columns: readonly Column[]) => columns.filter(({ name }) => !shared.includes(name))
  const columns = [...merged, ...rest(left.columns), ...rest(right.columns)]
  if (join.alias) {
    const relation = { columns, open: both.open, rows: null }
    return named(join.alias, "", relation, context)
  }
  const usingName = join.join_using_alias?.aliasname
  const using = usingName
    ? [{ alias: usingName, schema: null, relation: { columns: merged, open: [], rows: null } }]
    : []
  return { named: [...both.named, ...using], columns, open: both.open }
}

function commonNames(left: Visible, right: Visible, tracing: Tracing): string[] {
  for (const side of [left, right]) tracing.needsAll(side.open, "a natural join")
  const names = new Set(right.columns.map(({ name }) => name))
  return left.columns.map(({ name }) => name).filter((name) => names.has(name))
}

/** Of equal values an inner or left join shows the left one, a right join the right one, a full join what is there. */
function mergedColumn(name: string, left: Visible, right: Visible, join: JoinExpr, context: FromContext): Column {
  const sides = [left, right].map((side) => sideColumn(name, side, context))
  const [one, other] = sides as [Column, Column]
  if (!join.isNatural) for (const side of sides) context.tracing.mention(side.viaStar)
  context.rows.add("join", mergeSources(one.sources, other.sources))
  const viaStar = join.isNatural ? [...one.viaStar, ...other.viaStar] : []
  if (join.jointype === "JOIN_RIGHT") return { ...other, name, viaStar }
  if (join.jointype !== "JOIN_FULL") return { ...one, name, viaStar }
  return { name, sources: derive(mergeSources(one.sources, other.sources)), viaStar, type: null }
}

function sideColumn(name: string, side: Visible, { tracing }: FromContext): Column {
  const known = side.columns.find((column) => column.name === name)
  if (known) return known
  const open = side.open.length === 1 ? side.open[0]!.column(name) : null
  if (open) return open
  const message = `The join is on a column ${name} that ${side.open.length > 0 ? "is not known to be" : "is not"} there.`
  tracing.gap(side.open.length > 0 ? "unknown_columns" : "unknown_column", name, message, -1)
  return { name, sources: NO_SOURCES, viaStar: [], type: null }
}

/** Functions see the items to their left without LATERAL. All that one gives derives from its arguments. */
function traceFunction(range: RangeFunction, context: FromContext): Visible {
  const columns: Column[] = []
  const open: Relation["open"][number][] = []
  let ownName = ""
  for (const each of range.functions ?? []) {
    const [call, definitions] = "List" in each ? (each.List.items ?? []) : []
    if (!call) continue
    const sources = derive(traceExpression(call, lateralPlace(context)).sources)
    const listed = definitions && "List" in definitions ? definitions.List.items : undefined
    const isOnly = range.functions?.length === 1
    const given = functionColumns(
      call,
      listed ?? (isOnly ? range.coldeflist : undefined),
      isOnly ? range.alias : undefined,
    )
    ownName ||= given.name
    columns.push(...given.columns.map((name) => computed(name, sources)))
    if (given.isOpen) open.push({ label: `the function ${given.name}`, column: (name) => computed(name, sources) })
  }
  if (range.ordinality) columns.push(computed("ordinality", NO_SOURCES))
  return named(range.alias, ownName, { columns, open, rows: null }, context)
}

function traceJsonTable(table: JsonTable, context: FromContext): Visible {
  const place = lateralPlace(context)
  const passed = (table.passing ?? []).map((each) => ("JsonArgument" in each ? each.JsonArgument.val?.raw_expr : each))
  const sources = derive(sourcesOf([table.context_item?.raw_expr, ...passed], place))
  return named(table.alias, "json_table", computedRelation(jsonTableNames(table.columns), sources), context)
}

function jsonTableNames(columns: readonly Node[] | undefined): string[] {
  return (columns ?? []).flatMap((each) => {
    if (!("JsonTableColumn" in each)) return []
    const { name, coltype, columns: nested } = each.JsonTableColumn
    return coltype === "JTC_NESTED" ? jsonTableNames(nested) : [name ?? ""]
  })
}

function computedRelation(names: readonly string[], sources: Sources): Relation {
  return { columns: names.map((name) => computed(name, sources)), open: [], rows: null }
}

function computed(name: string, sources: Sources): Column {
  return { name, sources, viaStar: [], type: null }
}
