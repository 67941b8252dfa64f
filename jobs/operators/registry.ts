import { checksOperator } from "./checks.ts"
import { extractOperator } from "./extract.ts"
import type { Operator } from "./operator.ts"
import { sqlOperator } from "./sql.ts"

/** Every operator by the name that manifests use. */
export const operators: Record<string, Operator> = {
  sql: sqlOperator,
  extract: extractOperator,
  checks: checksOperator,
}
