import { AppError } from "../../domain/errors.ts"
import { indexKey, readIndexes } from "../adapter/indexes.ts"
import { toArray } from "../jinja/iterate.ts"
import { toText } from "../jinja/print.ts"
import type { Relation } from "../relation/relation.ts"
import { inFrame, macroSql } from "./frame.ts"
import type { Materialization, MaterializeSession } from "./session.ts"
import { besides, findPlace, swap } from "./swap.ts"

/**
 * Refreshes a materialized view that is there. Builds it beside what is there and swaps where that is none or another kind, and
 * in a full refresh: a changed query is taken up by that alone, as in dbt.
 */
export const materializeMaterializedView: Materialization = (session) =>
  inFrame(session, () => {
    const place = findPlace(session)
    const { existing } = place
    if (existing?.type === "materialized_view" && !session.isFullRefresh) {
      adjustIndexes(session, existing)
      const response = session.runMain(macroSql(session, "refresh_materialized_view", [existing]))
      return { relation: existing, response }
    }
    const built = besides(session, "materialized_view", place)
    const response = session.runMain(macroSql(session, "get_create_materialized_view_as_sql", [built, session.sql]))
    session.callMacro("create_indexes", [built])
    return { relation: swap(session, built, place), response }
  })

/** Makes the indexes those of the config, as `on_configuration_change` wishes (dbt's documentation, "Materialized view"). */
function adjustIndexes(session: MaterializeSession, existing: Relation): void {
  const { database } = session
  const wanted = new Set(toArray(session.config("indexes") ?? []).map(indexKey))
  const there = readIndexes(database, existing)
  const unwanted = there.filter(({ key }) => !wanted.has(key))
  const isMissing = [...wanted].some((key) => there.every((index) => index.key !== key))
  if (unwanted.length === 0 && !isMissing) return
  const mode = toText(session.config("on_configuration_change") ?? "apply")
  const message = `The indexes of ${existing.render()} are not those of its config`
  switch (mode) {
    case "apply":
      for (const { name } of unwanted) database.run(`drop index ${name}`)
      session.callMacro("create_indexes", [existing])
      return
    case "continue":
      session.warn(`${message}, and stay, as on_configuration_change is continue.`)
      return
    case "fail":
      throw new AppError(
        "model.invalid",
        `${message}, and on_configuration_change is fail. Run it with --full-refresh.`,
      )
    default:
      throw new AppError("model.invalid", `on_configuration_change knows apply, continue and fail, not "${mode}".`)
  }
}
