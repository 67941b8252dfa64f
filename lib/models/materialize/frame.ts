import type { AdapterResponse } from "../adapter/adapter-response.ts"
import { toText } from "../jinja/print.ts"
import type { Value } from "../jinja/values.ts"
import type { Relation } from "../relation/relation.ts"
import { describes, type Materialized, type MaterializeSession } from "./session.ts"

/**
 * What all materializations have in common: hooks before, the work in one transaction, rights and comments on what came of it,
 * hooks behind. Readers see the relation as it was until the commit, and as it is from then on.
 */
export function inFrame(
  session: MaterializeSession,
  work: () => { relation: Relation; response: AdapterResponse },
): Materialized {
  const { database } = session
  session.runHooks("pre", false)
  database.begin()
  session.runHooks("pre", true)
  const { relation, response } = work()
  session.runHooks("post", true)
  applyConfig(session, relation)
  database.commit()
  session.runHooks("post", false)
  return { relations: [relation], response }
}

function applyConfig(session: MaterializeSession, relation: Relation): void {
  const grants = session.config("grants")
  if (grants !== null) session.callMacro("apply_grants", [relation, grants, true])
  if (describes(session)) session.callMacro("persist_docs", [relation, session.model])
}

/** Calls a macro that gives SQL. */
export function macroSql(session: MaterializeSession, name: string, args: readonly Value[]): string {
  return toText(session.callMacro(name, args)).trim()
}
