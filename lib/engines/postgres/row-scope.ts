import { quoteIdentifier } from "./quote-identifier.ts"

/**
 * Rows of a table that are one partition: by a half-open range of one column, by the value of another, or by both. Values are
 * bound as those of the column's type.
 */
export interface RowScope {
  range: RowRange | null
  key: { column: string; value: string } | null
}
export interface RowRange {
  column: string
  from: string
  to: string
}

/** What is true of the scope's rows; `bind` gives the place of a value in the statement. */
export function scopeConditions({ range, key }: RowScope, bind: (value: string) => string): string[] {
  const conditions: string[] = []
  if (range) {
    const column = quoteIdentifier(range.column)
    conditions.push(`${column} >= ${bind(range.from)}`, `${column} < ${bind(range.to)}`)
  }
  if (key) conditions.push(`${quoteIdentifier(key.column)} = ${bind(key.value)}`)
  return conditions
}
