import type { Alias, Node } from "libpg-query"
import { functionName, stringsOf } from "./node-names.ts"
import { outputName } from "./output-name.ts"

/** The columns that a function in FROM gives. */
export interface FunctionColumns {
  /** What the item is called without an alias. */
  name: string
  columns: string[]
  /** It may have others: what a function of the user's returns is not known here. */
  isOpen: boolean
}

/** Functions of Postgres whose columns have names of their own. */
const NAMED_COLUMNS: Record<string, string[]> = {
  json_each: ["key", "value"],
  jsonb_each: ["key", "value"],
  json_each_text: ["key", "value"],
  jsonb_each_text: ["key", "value"],
  each: ["key", "value"],
  json_array_elements: ["value"],
  jsonb_array_elements: ["value"],
  json_array_elements_text: ["value"],
  jsonb_array_elements_text: ["value"],
  aclexplode: ["grantor", "grantee", "privilege_type", "is_grantable"],
  ts_debug: ["alias", "description", "token", "dictionaries", "dictionary", "lexemes"],
  ts_stat: ["word", "ndoc", "nentry"],
  pg_options_to_table: ["option_name", "option_value"],
}

/** Functions that give one column, which takes the alias of the item as its name. */
const SCALAR = new Set([
  ...["generate_series", "generate_subscripts", "unnest", "regexp_matches", "regexp_split_to_table", "string_to_table"],
  ...["json_object_keys", "jsonb_object_keys", "jsonb_path_query", "skeys", "svals", "now", "current_setting"],
  ...["string_to_array", "regexp_match", "array_agg", "coalesce", "concat", "lower", "upper"],
])

/** Postgres' rule for names (addRangeTableEntryForFunction): definitions, names of OUT parameters, alias, function. */
export function functionColumns(
  call: Node,
  definitions: readonly Node[] | undefined,
  alias: Alias | undefined,
): FunctionColumns {
  const name = "FuncCall" in call ? functionName(call.FuncCall.funcname) : outputName(call)
  if (definitions) {
    const columns = definitions.flatMap((each) => ("ColumnDef" in each ? [each.ColumnDef.colname ?? ""] : []))
    return { name, columns, isOpen: false }
  }
  const known = NAMED_COLUMNS[name]
  if (known) return { name, columns: known, isOpen: false }
  const scalar = alias?.aliasname ?? name
  if (!("FuncCall" in call) || SCALAR.has(name)) {
    const args = "FuncCall" in call ? (call.FuncCall.args?.length ?? 0) : 0
    if (name === "unnest" && args > 1) return { name, columns: Array(args).fill(name), isOpen: false }
    return { name, columns: [scalar], isOpen: false }
  }
  // A list of names covers all columns as far as anybody can tell; without one, the function may return one value.
  const named = stringsOf(alias?.colnames)
  return named.length > 0 ? { name, columns: named, isOpen: false } : { name, columns: [], isOpen: true }
}
