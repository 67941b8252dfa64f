import type { A_Expr, CaseExpr, ColumnRef, FuncCall, Node, SubLink, WindowDef } from "libpg-query"
import { anonymisingCall, isTestingOperator } from "./anonymising.ts"
import { endsInStar, functionName, lastString, stringsOf } from "./node-names.ts"
import { findNamed, NO_VALUE, resolveColumn, resolveInside, type Value, wholeRow } from "./resolve-column.ts"
import { anonymise, derive, mergeSources, NO_SOURCES, type Sources } from "./sources.ts"
import type { Place } from "./tracing.ts"

/**
 * Where the value of an expression comes from. A reference to a column, a scalar subquery that gives one, COLLATE and a field
 * of a whole row copy; everything else, casts included, derives. Influences on rows go to the place's query.
 */
export function traceExpression(node: Node | undefined, place: Place): Value {
  if (!node) return NO_VALUE
  if ("ColumnRef" in node) return traceReference(node.ColumnRef, place)
  if ("A_Const" in node) return NO_VALUE
  if ("CollateClause" in node) return traceExpression(node.CollateClause.arg, place)
  if ("A_Indirection" in node) return traceIndirection(node.A_Indirection, place)
  if ("SubLink" in node) return traceSubLink(node.SubLink, place)
  return { sources: derive(traceComputed(node, place)), type: null }
}

/** The sources of several expressions together. */
export function sourcesOf(nodes: readonly (Node | undefined)[] | undefined, place: Place): Sources {
  return mergeSources(...(nodes ?? []).map((node) => traceExpression(node, place).sources))
}

function traceComputed(node: Node, place: Place): Sources {
  if ("FuncCall" in node) return traceCall(node.FuncCall, place)
  if ("A_Expr" in node) return traceOperator(node.A_Expr, place)
  if ("CaseExpr" in node) return traceCase(node.CaseExpr, place)
  if ("NullTest" in node) return anonymise(traceExpression(node.NullTest.arg, place).sources, "is null")
  if ("BooleanTest" in node) return traceExpression(node.BooleanTest.arg, place).sources
  if ("GroupingFunc" in node) return NO_SOURCES
  if ("JsonArrayQueryConstructor" in node && node.JsonArrayQueryConstructor.query) {
    return traceSubquery(node.JsonArrayQueryConstructor.query, place)
  }
  return traceChildren(node, place)
}

/** The parse tree has some 40 kinds of expression whose value simply depends on all that is inside them. */
function traceChildren(value: object, place: Place): Sources {
  const found: Sources[] = []
  for (const child of Object.values(value)) {
    if (typeof child !== "object" || child === null) continue
    const children = Array.isArray(child) ? child : [child]
    for (const each of children) {
      if (typeof each !== "object" || each === null) continue
      found.push(isNode(each) ? traceExpression(each, place).sources : traceChildren(each, place))
    }
  }
  return mergeSources(...found)
}

/** Nodes are wrapped in an object whose only key is their kind; the bare structs beside them have lower-case keys. */
function isNode(value: object): value is Node {
  const [key, second] = Object.keys(value)
  return key !== undefined && second === undefined && /^[A-Z]/.test(key)
}

function traceReference({ fields, location }: ColumnRef, place: Place): Value {
  const names = stringsOf(fields)
  if (!endsInStar(fields)) return resolveColumn(names, place, location)
  if (names.length === 0) return NO_VALUE // `count(*)`-like: no value of a column is read.
  const [alias, schema] = [...names].reverse()
  const named = findNamed(place.scope, alias!, schema ?? null)
  if (named) return wholeRow(named, place, location)
  place.tracing.gap("unknown_column", `${names.join(".")}.*`, `Nothing in FROM is called ${alias}.`, location)
  return NO_VALUE
}

function traceIndirection({ arg, indirection }: { arg?: Node; indirection?: Node[] }, place: Place): Value {
  let value = traceExpression(arg, place)
  for (const step of indirection ?? []) {
    if ("String" in step && value.row) {
      value = resolveInside(value.row, step.String.sval ?? "", step.String.sval ?? "", place, -1)
    } else if ("A_Indices" in step) {
      const indexes = sourcesOf([step.A_Indices.lidx, step.A_Indices.uidx], place)
      value = { sources: derive(mergeSources(value.sources, indexes)), type: null }
    } else {
      value = { sources: derive(value.sources), type: null }
    }
  }
  return value
}

/** EXISTS looks at no value, so a star in its list needs no columns. */
function traceSubLink({ subLinkType, subselect, testexpr }: SubLink, place: Place): Value {
  if (!subselect) return NO_VALUE
  if (subLinkType === "EXISTS_SUBLINK") {
    traceSubquery(withoutStars(subselect), place)
    return NO_VALUE
  }
  if (subLinkType === "EXPR_SUBLINK") {
    const relation = place.tracing.traceQuery(subselect, { ctes: place.ctes, scope: place.scope })
    if (relation.rows) place.rows.addAll(relation.rows)
    const column = relation.columns[0]
    return column ? { sources: column.sources, type: column.type, row: column.row } : NO_VALUE
  }
  const sources = traceSubquery(subselect, place)
  if (subLinkType === "ARRAY_SUBLINK") return { sources: derive(sources), type: null }
  const tested = mergeSources(traceExpression(testexpr, place).sources, sources)
  return { sources: anonymise(tested, "in"), type: null }
}

function withoutStars(node: Node): Node {
  if (!("SelectStmt" in node) || !node.SelectStmt.targetList) return node
  const isStar = (target: Node) =>
    "ResTarget" in target &&
    target.ResTarget.val !== undefined &&
    "ColumnRef" in target.ResTarget.val &&
    endsInStar(target.ResTarget.val.ColumnRef.fields)
  return { SelectStmt: { ...node.SelectStmt, targetList: node.SelectStmt.targetList.filter((each) => !isStar(each)) } }
}

/** All columns that a subquery gives; what decides about its rows becomes an influence on this query. */
function traceSubquery(node: Node, place: Place): Sources {
  const { columns, rows } = place.tracing.traceQuery(node, { ctes: place.ctes, scope: place.scope })
  if (rows) place.rows.addAll(rows)
  return mergeSources(...columns.map(({ sources }) => sources))
}

function traceCall(call: FuncCall, place: Place): Sources {
  const name = functionName(call.funcname)
  const args = call.args ?? []
  let sources = sourcesOf(args, place)
  // `percentile_cont(0.5) within group (order by x)` gives an x; `array_agg(y order by x)` only reads y in that order.
  const ordered = sourcesOf(call.agg_order?.map(sortedExpression), place)
  if (call.agg_within_group) sources = mergeSources(sources, ordered)
  else place.rows.add("order", ordered)
  place.rows.add("filter", traceExpression(call.agg_filter, place).sources)
  if (call.over) traceWindow(call.over, place)
  const by = anonymisingCall(name, args, place.tracing.rules)
  return by === null ? sources : anonymise(sources, by)
}

/** What a window is cut and ordered by decides which rows a function sees. */
export function traceWindow({ partitionClause, orderClause, startOffset, endOffset }: WindowDef, place: Place): void {
  place.rows.add("window", sourcesOf(partitionClause, place))
  place.rows.add("window", sourcesOf(orderClause?.map(sortedExpression), place))
  place.rows.add("window", sourcesOf([startOffset, endOffset], place))
}

export function sortedExpression(node: Node): Node | undefined {
  return "SortBy" in node ? node.SortBy.node : node
}

function traceOperator({ kind, name, lexpr, rexpr }: A_Expr, place: Place): Sources {
  const left = operand(lexpr, place)
  const right = operand(rexpr, place)
  if (kind === "AEXPR_NULLIF") return mergeSources(left, anonymise(right, "nullif"))
  const operator = lastString(name) ?? ""
  const isTest = kind !== "AEXPR_OP" || isTestingOperator(operator)
  const sources = mergeSources(left, right)
  return isTest ? anonymise(sources, kind === "AEXPR_IN" ? "in" : operator.toLowerCase()) : sources
}

function operand(node: Node | undefined, place: Place): Sources {
  return node && "List" in node ? sourcesOf(node.List.items, place) : traceExpression(node, place).sources
}

/** Conditions shape the value, but a compared one cannot be read from it. */
function traceCase({ arg, args, defresult }: CaseExpr, place: Place): Sources {
  const compared = traceExpression(arg, place).sources
  const found = [anonymise(compared, "case"), traceExpression(defresult, place).sources]
  for (const branch of args ?? []) {
    if (!("CaseWhen" in branch)) continue
    const condition = traceExpression(branch.CaseWhen.expr, place).sources
    found.push(arg ? anonymise(condition, "case") : condition, traceExpression(branch.CaseWhen.result, place).sources)
  }
  return mergeSources(...found)
}
