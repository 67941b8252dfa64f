import type { Node } from "libpg-query"
import { lastString } from "./node-names.ts"

/**
 * The name that Postgres gives a column without `as`. A cast's type and `case` are weak: a name from inside goes first
 * (FigureColname in Postgres' parse_target.c).
 */
export function outputName(node: Node | undefined): string {
  return figureName(node)?.name ?? "?column?"
}

interface FiguredName {
  name: string
  isWeak: boolean
}

function figureName(node: Node | undefined): FiguredName | null {
  if (!node) return null
  if ("ColumnRef" in node) return strong(lastString(node.ColumnRef.fields))
  if ("A_Indirection" in node) {
    return strong(lastString(node.A_Indirection.indirection)) ?? figureName(node.A_Indirection.arg)
  }
  if ("FuncCall" in node) return strong(lastString(node.FuncCall.funcname))
  if ("A_Expr" in node) return node.A_Expr.kind === "AEXPR_NULLIF" ? strong("nullif") : null
  if ("CollateClause" in node) return figureName(node.CollateClause.arg)
  if ("TypeCast" in node) {
    const inner = figureName(node.TypeCast.arg)
    return inner && !inner.isWeak ? inner : (weak(lastString(node.TypeCast.typeName?.names)) ?? inner)
  }
  if ("CaseExpr" in node) {
    const inner = figureName(node.CaseExpr.defresult)
    return inner && !inner.isWeak ? inner : weak("case")
  }
  if ("SubLink" in node) return subqueryName(node.SubLink.subLinkType, node.SubLink.subselect)
  if ("SQLValueFunction" in node) {
    const name = node.SQLValueFunction.op?.replace(/^SVFOP_/, "").replace(/_N$/, "")
    return strong(name?.toLowerCase())
  }
  if ("MinMaxExpr" in node) return strong(node.MinMaxExpr.op === "IS_LEAST" ? "least" : "greatest")
  if ("XmlExpr" in node) {
    return node.XmlExpr.op === "IS_DOCUMENT" ? null : strong(node.XmlExpr.op?.replace(/^IS_/, "").toLowerCase())
  }
  if ("JsonFuncExpr" in node) return strong(node.JsonFuncExpr.op?.replace(/_OP$/, "").toLowerCase())
  return strong(NAMES_OF_NODES[Object.keys(node)[0]!])
}

const NAMES_OF_NODES: Record<string, string> = {
  A_ArrayExpr: "array",
  RowExpr: "row",
  CoalesceExpr: "coalesce",
  GroupingFunc: "grouping",
  MergeSupportFunc: "merge_action",
  XmlSerialize: "xmlserialize",
  JsonParseExpr: "json",
  JsonScalarExpr: "json_scalar",
  JsonSerializeExpr: "json_serialize",
  JsonObjectConstructor: "json_object",
  JsonArrayConstructor: "json_array",
  JsonArrayQueryConstructor: "json_array",
  JsonObjectAgg: "json_objectagg",
  JsonArrayAgg: "json_arrayagg",
}

function subqueryName(kind: string | undefined, subselect: Node | undefined): FiguredName | null {
  if (kind === "EXISTS_SUBLINK") return strong("exists")
  if (kind === "ARRAY_SUBLINK") return strong("array")
  if (kind !== "EXPR_SUBLINK" || !subselect || !("SelectStmt" in subselect)) return null
  let select = subselect.SelectStmt
  while (select.larg) select = select.larg
  if (select.valuesLists) return strong("column1")
  const target = select.targetList?.[0]
  if (!target || !("ResTarget" in target)) return null
  return strong(target.ResTarget.name ?? outputName(target.ResTarget.val))
}

function strong(name: string | undefined): FiguredName | null {
  return name === undefined ? null : { name, isWeak: false }
}

function weak(name: string | undefined): FiguredName | null {
  return name === undefined ? null : { name, isWeak: true }
}
