import type { Node } from "libpg-query"

/** Which expressions keep a value from being read back from their result. Configurable by the names of functions. */
export interface AnonymisingRules {
  functions: ReadonlySet<string>
  /** `left(x, n)` and `substr(x, 1, n)` anonymise up to this n. */
  prefixLength: number
}

/**
 * - Hashes: the value cannot be computed back. (Whoever holds candidates can still compare them: a keyed hash is better.)
 * - Counts, lengths and types: what is left does not tell values apart.
 * - Tests with a boolean result; operators that compare are known by themselves.
 *
 * Not here: `min` and `max`, which give back one of the values; `sum`, `avg` and `string_agg`, which do over groups of one
 * row; `encode`, which can be decoded; `left` of any length, because a short value may fit in whole: set `prefixLength`
 * where the values are known to be long.
 */
export const DEFAULT_ANONYMISING_RULES: AnonymisingRules = {
  functions: new Set([
    ...["md5", "sha224", "sha256", "sha384", "sha512", "digest", "hmac", "crypt", "hashtext", "hashtextextended"],
    ...["count", "regr_count", "length", "char_length", "character_length", "octet_length", "bit_length"],
    ...["array_length", "cardinality", "num_nulls", "num_nonnulls", "pg_column_size", "pg_typeof", "jsonb_typeof"],
    ...["json_typeof", "bool_and", "bool_or", "every", "starts_with", "regexp_like", "regexp_count", "isfinite"],
    ...["position", "strpos", "overlaps", "grouping"],
  ]),
  prefixLength: 0,
}

/** Operators that give a boolean: all that compare, match or look for. */
const TESTING_OPERATORS = new Set([
  ...["=", "<>", "!=", "<", ">", "<=", ">=", "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*"],
  ...["@>", "<@", "&&", "?", "?|", "?&", "@@", "@?", "<<", ">>", "&<", "&>", "-|-"],
])

export function isTestingOperator(operator: string): boolean {
  return TESTING_OPERATORS.has(operator)
}

/** The function's name when a call of it anonymises its arguments. */
export function anonymisingCall(name: string, args: readonly Node[], rules: AnonymisingRules): string | null {
  if (rules.functions.has(name)) return name
  const length = prefixLength(name, args)
  return length !== null && length <= rules.prefixLength ? name : null
}

function prefixLength(name: string, args: readonly Node[]): number | null {
  if (name === "left") return positive(constant(args[1]))
  if (name !== "substr" && name !== "substring") return null
  return constant(args[1]) === 1 ? positive(constant(args[2])) : null
}

/** `left(x, -2)` is all but the last two. */
function positive(length: number | null): number | null {
  return length !== null && length >= 0 ? length : null
}

/** The parser writes 0 as an integer without a value. */
function constant(node: Node | undefined): number | null {
  if (!node || !("A_Const" in node) || !node.A_Const.ival) return null
  return node.A_Const.ival.ival ?? 0
}
