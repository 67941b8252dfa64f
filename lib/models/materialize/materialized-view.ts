import { findRelation } from "../adapter/catalog.ts"
import { inFrame, macroSql } from "./frame.ts"
import type { Materialization } from "./session.ts"
import { besides, swap } from "./swap.ts"

/**
 * Refreshes a materialized view that is there. Builds it beside what is there and swaps where that is none or another kind, and
 * in a full refresh: a changed query is taken up by that alone, as in dbt.
 */
export const materializeMaterializedView: Materialization = (session) =>
  inFrame(session, () => {
    const { database, target } = session
    const existing = findRelation(database, target)
    if (existing?.type === "materialized_view" && !session.isFullRefresh) {
      const response = session.runMain(macroSql(session, "refresh_materialized_view", [existing]))
      return { relation: existing, response }
    }
    const built = besides(session, "materialized_view")
    const response = session.runMain(macroSql(session, "get_create_materialized_view_as_sql", [built, session.sql]))
    session.callMacro("create_indexes", [built])
    return { relation: swap(session, built, existing), response }
  })
