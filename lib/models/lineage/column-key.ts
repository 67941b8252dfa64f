import type { ColumnId } from "./column-lineage.ts"

/** One text for a column. Names hold any character but NUL, so no two columns share one. */
export function keyOf({ relation, column }: ColumnId): string {
  return `${relation}\0${column}`
}
