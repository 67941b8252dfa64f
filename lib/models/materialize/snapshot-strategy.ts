import { AppError } from "../../domain/errors.ts"
import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"
import { Dict } from "../jinja/dict.ts"
import { toText } from "../jinja/print.ts"
import type { Column } from "../relation/column.ts"
import type { MaterializeSession } from "./session.ts"
import { type SnapshotConfig, snapshotConfig } from "./snapshot-config.ts"

/** The aliases that expressions of custom strategies refer to: the current version, and the query's row. */
export const OLD = "snapshotted_data"
export const NEW = "source_data"

/** The config, with what a strategy of the project's own says. */
export interface History extends SnapshotConfig {
  /** SQL over {@link OLD} and {@link NEW}; null for the strategies that are built in. */
  rowChanged: string | null
}

/** @throws AppError `model.invalid` that says which setting is missing or wrong. */
export function snapshotHistory(session: MaterializeSession, isThere: boolean): History {
  const custom = customStrategy(session, isThere)
  const config = snapshotConfig(session)
  return { ...config, rowChanged: custom?.rowChanged ?? null, updatedAt: custom?.updatedAt ?? config.updatedAt }
}

interface CustomStrategy {
  rowChanged: string
  updatedAt: string | null
}

/** What a project's own `snapshot_<name>_strategy` says, called as dbt calls it. */
function customStrategy(session: MaterializeSession, isThere: boolean): CustomStrategy | null {
  const name = toText(session.config("strategy") ?? "")
  const macro = `snapshot_${name}_strategy`
  if (!session.hasMacro(macro)) {
    if (name === "" || name === "timestamp" || name === "check") return null
    const message = `Snapshot ${session.name} has strategy "${name}"; it can be timestamp or check, or that of a macro ${macro}.`
    throw new AppError("model.invalid", message)
  }
  const strategy = session.callMacro(macro, [session.model, OLD, NEW, session.modelConfig, isThere])
  const text = (key: string) => {
    const value = strategy instanceof Dict ? (strategy.get(key) ?? null) : null
    return value === null ? null : toText(value)
  }
  const rowChanged = text("row_changed")
  if (rowChanged === null) {
    throw new AppError("model.invalid", `Macro ${macro} must return a dict with row_changed.`)
  }
  return { rowChanged, updatedAt: text("updated_at") }
}

/** Types that have no equality, or one by area or length alone; their texts have. */
const WITHOUT_EQUALITY = /^(json|xml|point|line|lseg|box|path|polygon|circle)(\[\])?$/

/** Whether a row is another than its current version, as SQL. `before`: the columns of the table before new ones were added. */
export function rowChanged(history: History, queried: readonly Column[], before: readonly Column[]): string {
  const { strategy, checkColumns, columns } = history
  if (history.rowChanged !== null) return history.rowChanged
  if (strategy === "timestamp") return `${NEW}.__dbt_staged_at > ${OLD}.${quoteIdentifier(columns.validFrom)}`
  const known = new Map(before.map((column) => [column.name.toLowerCase(), column]))
  const names = checkColumns === "all" ? queried.map(({ name }) => name) : checkColumns
  return names
    .map((name) => {
      const column = known.get(name.toLowerCase())
      // What was not there before differs in every row.
      if (!column) return "true"
      const cast = WITHOUT_EQUALITY.test(column.type) ? "::text" : ""
      return `${OLD}.${column.quoted}${cast} is distinct from ${NEW}.${column.quoted}${cast}`
    })
    .join(" or ")
}
