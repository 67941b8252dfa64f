import { SqlError } from "../adapter/database.ts"
import { inFrame, macroSql } from "./frame.ts"
import type { Materialization, MaterializeSession } from "./session.ts"
import { besides, findPlace, swap } from "./swap.ts"

const INVALID_TABLE_DEFINITION = "42P16"

/**
 * Replaces a view where it stands, so that what reads it stays; one whose columns went or changed is built beside the old
 * one and swapped.
 */
export const materializeView: Materialization = (session) =>
  inFrame(session, () => {
    const { target } = session
    const place = findPlace(session)
    if (place.existing?.type === "view" && !session.isOverridden("create_view_as")) {
      const response = replaceView(session)
      if (response) return { relation: target.with({ type: "view" }), response }
    }
    const built = besides(session, "view", place)
    const response = session.runMain(macroSql(session, "get_create_view_as_sql", [built, session.sql]))
    return { relation: swap(session, built, place), response }
  })

function replaceView(session: MaterializeSession) {
  const { database } = session
  database.defer("savepoint replace_view")
  try {
    const response = session.runMain(macroSql(session, "get_replace_view_sql", [session.target, session.sql]))
    database.defer("release savepoint replace_view")
    return response
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlState !== INVALID_TABLE_DEFINITION) throw error
    database.run("rollback to savepoint replace_view; release savepoint replace_view")
    return null
  }
}
