import { AppError } from "../../domain/errors.ts"
import { Dict } from "../jinja/dict.ts"
import { isTrue, toArray } from "../jinja/iterate.ts"
import { toText } from "../jinja/print.ts"
import type { Value } from "../jinja/values.ts"
import type { MaterializeSession } from "./session.ts"

/** Names of the columns that a snapshot adds. */
export interface MetaColumns {
  scdId: string
  updatedAt: string
  validFrom: string
  validTo: string
  isDeleted: string
}

export interface SnapshotConfig {
  /** SQL expressions over the query's columns which together tell rows apart. */
  uniqueKeys: string[]
  strategy: string
  /** SQL expression: since when a row is as it is. Null for `check` without one: the time of the run. */
  updatedAt: string | null
  /** Columns whose change makes a version; `all` for each that the query gives. */
  checkColumns: string[] | "all"
  hardDeletes: "ignore" | "invalidate" | "new_record"
  /** What `valid_to` of current versions is, as SQL; null: null. */
  validToCurrent: string | null
  columns: MetaColumns
}

/** @throws AppError `model.invalid` that says which setting is missing or wrong. */
export function snapshotConfig(session: MaterializeSession): SnapshotConfig {
  const text = (name: string) => textOrNull(session.config(name))
  const fail = (message: string): never => {
    throw new AppError("model.invalid", `Snapshot ${session.name} ${message}`)
  }
  const strategy = text("strategy") ?? fail("needs a strategy: timestamp or check.")
  const uniqueKeys = textsOf(session.config("unique_key"))
  if (uniqueKeys.length === 0) fail("needs a unique_key.")
  const updatedAt = text("updated_at")
  if (strategy === "timestamp" && updatedAt === null) fail("needs updated_at, as its strategy is timestamp.")
  const checked = session.config("check_cols")
  const checkColumns = checked === "all" ? "all" : textsOf(checked)
  if (strategy === "check" && checkColumns.length === 0) {
    fail('needs check_cols, a list of columns or "all", as its strategy is check.')
  }
  const invalidates = session.config("invalidate_hard_deletes")
  const hardDeletes = text("hard_deletes") ?? (invalidates !== null && isTrue(invalidates) ? "invalidate" : "ignore")
  if (hardDeletes !== "ignore" && hardDeletes !== "invalidate" && hardDeletes !== "new_record") {
    return fail(`has hard_deletes "${hardDeletes}"; it can be ignore, invalidate or new_record.`)
  }
  return {
    uniqueKeys,
    strategy,
    updatedAt,
    checkColumns,
    hardDeletes,
    validToCurrent: text("dbt_valid_to_current"),
    columns: metaColumns(session.config("snapshot_meta_column_names")),
  }
}

function metaColumns(names: Value): MetaColumns {
  const named = (name: string) => textOrNull(names instanceof Dict ? (names.get(name) ?? null) : null) ?? name
  return {
    scdId: named("dbt_scd_id"),
    updatedAt: named("dbt_updated_at"),
    validFrom: named("dbt_valid_from"),
    validTo: named("dbt_valid_to"),
    isDeleted: named("dbt_is_deleted"),
  }
}

function textsOf(value: Value): string[] {
  if (value === null) return []
  return typeof value === "string" ? [value] : toArray(value).map((each) => toText(each))
}

function textOrNull(value: Value): string | null {
  return value === null ? null : toText(value)
}
