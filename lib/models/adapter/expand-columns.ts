import type { Value } from "../jinja/values.ts"
import type { Column } from "../relation/column.ts"
import type { Relation } from "../relation/relation.ts"
import { readColumns } from "./catalog.ts"
import type { SyncDatabase } from "./database.ts"

/** Makes the texts of a table as wide as the wanted columns of the same names, by the macro `alter_column_type`. */
export function expandColumns(
  database: SyncDatabase,
  callMacro: (name: string, args: readonly Value[]) => Value,
  { table, wanted }: { table: Relation; wanted: readonly Column[] },
): void {
  const byName = new Map(wanted.map((column) => [column.name, column]))
  for (const column of readColumns(database, table)) {
    const wider = byName.get(column.name)
    if (wider && column.canExpandTo(wider)) callMacro("alter_column_type", [table, column.name, wider.dataType])
  }
}
