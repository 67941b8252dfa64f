import type { Value } from "../jinja/values.ts"
import type { Relation } from "../relation/relation.ts"
import { readColumns } from "./catalog.ts"
import type { SyncDatabase } from "./database.ts"

/** Makes the texts of `to` as wide as those of `from` that have the same name, by the macro `alter_column_type`. */
export function expandColumns(
  database: SyncDatabase,
  callMacro: (name: string, args: readonly Value[]) => Value,
  { from, to }: { from: Relation; to: Relation },
): void {
  const wanted = new Map(readColumns(database, from).map((column) => [column.name, column]))
  for (const column of readColumns(database, to)) {
    const wider = wanted.get(column.name)
    if (wider && column.canExpandTo(wider)) callMacro("alter_column_type", [to, column.name, wider.dataType])
  }
}
