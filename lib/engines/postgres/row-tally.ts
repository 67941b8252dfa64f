import { assertNever } from "#lib/domain/assert-never.ts"
import type { StatementTarget, TableEffect } from "./statement-target.ts"

/** What the statements of one transaction did to a table, as far as their commands tell. */
export interface TableTally {
  inserted: number
  updated: number
  deleted: number
  /** Rows now in the table, where it was emptied or made within these statements; else null. */
  total: number | null
}

/** Adds up row counts by table while statements run; tables by `schema.name`. */
export class RowTally {
  readonly #tables = new Map<string, TableTally>()

  /** Counts one statement that changed `rows` rows of its target. */
  add(target: StatementTarget, rows: number): void {
    const key = `${target.schema}.${target.name}`
    const tally = { ...this.of(key) }
    if (target.effect === "drops") {
      this.#tables.delete(key)
    } else if (target.effect === "renames") {
      // A table swapped in under another name brings its counts along.
      this.#tables.delete(key)
      this.#tables.set(`${target.schema}.${target.newName}`, tally)
    } else {
      this.#tables.set(key, count(tally, target.effect, rows))
    }
  }

  of(table: string): TableTally {
    return this.#tables.get(table) ?? { inserted: 0, updated: 0, deleted: 0, total: null }
  }
}

function count(tally: TableTally, effect: Exclude<TableEffect, "drops" | "renames">, rows: number): TableTally {
  const { inserted, updated, deleted, total } = tally
  switch (effect) {
    case "inserts":
      return { ...tally, inserted: inserted + rows, total: total === null ? null : total + rows }
    case "updates":
      return { ...tally, updated: updated + rows }
    case "merges":
      // The command tag does not tell inserts from updates.
      return { ...tally, updated: updated + rows, total: null }
    case "deletes":
      return { ...tally, deleted: deleted + rows, total: total === null ? null : total - rows }
    case "empties":
      return { ...tally, deleted: deleted + rows, total: 0 }
    case "creates":
      return { ...tally, total: 0 }
    case "replaces":
      return { ...tally, inserted: inserted + rows, total: rows }
    default:
      return assertNever(effect)
  }
}
