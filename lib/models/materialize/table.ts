import { inFrame, macroSql } from "./frame.ts"
import { createPartitioned, partitionBy } from "./partitioned.ts"
import type { Materialization, MaterializeSession } from "./session.ts"
import { besides, findPlace, type Place, swap } from "./swap.ts"

/** Builds the query's rows as a table beside the old one and swaps. */
export const materializeTable: Materialization = (session) =>
  inFrame(session, () => buildTable(session, findPlace(session)))

/** As {@link materializeTable}, within a frame that is there already. */
export function buildTable(session: MaterializeSession, place: Place) {
  const built = besides(session, "table", place)
  const partitioning = partitionBy(session)
  const response = partitioning
    ? createPartitioned(session, built, partitioning)
    : session.runMain(macroSql(session, "get_create_table_as_sql", [false, built, session.sql]))
  session.callMacro("create_indexes", [built])
  return { relation: swap(session, built, place), response }
}
