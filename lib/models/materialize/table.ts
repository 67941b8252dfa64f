import type { AdapterResponse } from "../adapter/adapter-response.ts"
import type { Relation } from "../relation/relation.ts"
import { inFrame, macroSql } from "./frame.ts"
import { createPartitioned, partitionBy } from "./partitioned.ts"
import type { Materialization, MaterializeSession } from "./session.ts"
import { besides, buildBeside, findPlace, type Place, swap } from "./swap.ts"

/** Builds the query's rows as a table beside the old one and swaps. */
export const materializeTable: Materialization = (session) =>
  inFrame(session, () => {
    if (partitionBy(session)) return buildTable(session, findPlace(session))
    const { built, place, result } = buildBeside(session, "table", (beside) => createTable(session, beside))
    return replace(session, built, place, result)
  })

/** As {@link materializeTable}, within a frame that is there already. */
export function buildTable(session: MaterializeSession, place: Place) {
  const built = besides(session, "table", place)
  const partitioning = partitionBy(session)
  const response = partitioning ? createPartitioned(session, built, partitioning) : createTable(session, built)
  return replace(session, built, place, response)
}

function createTable(session: MaterializeSession, built: Relation): AdapterResponse {
  return session.runMain(macroSql(session, "get_create_table_as_sql", [false, built, session.sql]))
}

function replace(session: MaterializeSession, built: Relation, place: Place, response: AdapterResponse) {
  session.callMacro("create_indexes", [built])
  return { relation: swap(session, built, place), response }
}
