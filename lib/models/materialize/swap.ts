import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"
import { findRelation } from "../adapter/catalog.ts"
import { SqlError } from "../adapter/database.ts"
import type { Relation, RelationType } from "../relation/relation.ts"
import { type DependentView, dependentViews } from "./dependents.ts"
import type { MaterializeSession } from "./session.ts"

/** The relation beside `target` in which it is built, with what an attempt that died may have left of it dropped. */
export function besides(session: MaterializeSession, type: RelationType, suffix = "__dbt_tmp"): Relation {
  const { target, database } = session
  const identifier = target.identifier.slice(0, 63 - suffix.length) + suffix
  const beside = target.with({ identifier, type })
  const leftover = findRelation(database, beside)
  if (leftover) database.run(dropSql(leftover))
  return beside
}

/**
 * Puts what was built in the place of what is there, within the open transaction, so that readers never see neither. Views
 * that read the old relation read the new one from then on; those that cannot, as their columns are gone, are dropped, as are
 * materialized views. (dbt drops all of them.)
 */
export function swap(session: MaterializeSession, built: Relation, existing: Relation | null): Relation {
  const { target, database } = session
  const result = target.with({ type: built.type })
  if (!existing) {
    database.run(renameSql(built, target.identifier))
    return result
  }
  const backup = besides(session, existing.type ?? "table", "__dbt_backup")
  const views = dependentViews(database, existing)
  database.run(`${renameSql(existing, backup.identifier)};\n${renameSql(built, target.identifier)}`)
  for (const view of views) rebind(session, view)
  database.run(dropSql(backup))
  return result
}

function rebind(session: MaterializeSession, view: DependentView): void {
  const { database } = session
  database.run("savepoint rebind")
  try {
    database.run(view.createSql)
    database.run("release savepoint rebind")
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    // Dropped now, so that those that read it in turn are found not to fit either.
    database.run(`rollback to savepoint rebind; release savepoint rebind; drop view if exists ${view.name} cascade`)
    session.warn(`View ${view.name} no longer fits the new relation and is dropped: ${error.message}.`)
  }
}

export function dropSql(relation: Relation): string {
  return `drop ${kindOf(relation)} if exists ${relation.render()} cascade`
}

function renameSql(relation: Relation, name: string): string {
  return `alter ${kindOf(relation)} ${relation.render()} rename to ${quoteIdentifier(name)}`
}

function kindOf({ type }: Relation): string {
  return type === "external" ? "foreign table" : (type ?? "table").replaceAll("_", " ")
}
