import { extractOperator } from "./extract.ts"
import { fnOperator } from "./fn.ts"
import { noopOperator } from "./noop.ts"
import type { Operator } from "./operator.ts"
import { shellOperator } from "./shell.ts"
import { sqlOperator } from "./sql.ts"

/** Every operator by the name that manifests use. */
export const operators: Record<string, Operator> = {
  sql: sqlOperator,
  extract: extractOperator,
  fn: fnOperator,
  noop: noopOperator,
  shell: shellOperator,
}
