import { AppError } from "../../domain/errors.ts"
import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"
import type { AdapterResponse } from "../adapter/adapter-response.ts"
import { columnsOfQuery, findRelation, readColumns, single } from "../adapter/catalog.ts"
import { expandColumns } from "../adapter/expand-columns.ts"
import { toText } from "../jinja/print.ts"
import type { Column } from "../relation/column.ts"
import type { Relation } from "../relation/relation.ts"
import { inFrame } from "./frame.ts"
import type { Materialization, MaterializeSession } from "./session.ts"
import { SnapshotSql } from "./snapshot-sql.ts"
import { type History, snapshotHistory } from "./snapshot-strategy.ts"
import { changeColumns } from "./swap.ts"

const SHOWN_KEYS = 5

/**
 * Keeps the history of a query's rows (a slowly changing dimension of type 2): closes versions that changed or went, and opens
 * a version for each row that has no current one. Of one key no two versions overlap, whatever its updated_at says: a version
 * never begins before the last one ended, and a row that comes back with an old time begins when it was seen again.
 *
 * @throws AppError `model.invalid` for keys that are null or not unique, with some of them.
 */
export const materializeSnapshot: Materialization = (session) =>
  inFrame(session, () => {
    const { database, target } = session
    const existing = findRelation(database, target)
    if (existing && existing.type !== "table") {
      const message = `${existing.render()} is a ${existing.type}, so snapshot ${session.name} cannot be kept there. Drop it or choose another name.`
      throw new AppError("model.invalid", message)
    }
    const history = snapshotHistory(session, existing !== null)
    const header = session.config("sql_header")
    if (header !== null) database.run(toText(header))
    const queried = columnsOfQuery(database, session.sql)
    const relation = existing ?? target.with({ type: "table" })
    const sql = new SnapshotSql({ session, history, table: relation, queried })
    const response = existing ? update(session, sql, existing) : create(session, sql)
    session.callMacro("create_indexes", [relation])
    return { relation, response }
  })

function create(session: MaterializeSession, sql: SnapshotSql): AdapterResponse {
  const response = session.runMain(sql.create())
  assertKeys(session, sql.history, sql.refusedOfTable())
  return response
}

/** Finds out in one pass over query and table what is new, changed or gone; all else touches those rows alone. */
function update(session: MaterializeSession, sql: SnapshotSql, existing: Relation): AdapterResponse {
  const { database } = session
  // Two runs at once would both open versions; readers go on.
  database.run(`lock table ${existing.render()} in share row exclusive mode`)
  const before = readColumns(database, existing)
  assertMetaColumns(session, sql.history, before)
  addColumns(session, sql, before)
  session.runMain(sql.compare(before))
  database.run(`analyze ${sql.changes}`)
  assertKeys(session, sql.history, sql.refusedOfChanges())
  database.run(sql.closeChanged())
  if (sql.history.hardDeletes !== "ignore") database.run(sql.closeGone())
  const response = session.runMain(sql.openVersions())
  database.run(`drop table ${sql.changes}`)
  return response
}

/** Columns that are new in the query are added; those that went stay, and are null from now on. */
function addColumns(session: MaterializeSession, sql: SnapshotSql, before: readonly Column[]): void {
  const { history, queried, table } = sql
  const known = new Set(before.map(({ name }) => name))
  const added = queried.filter(({ name }) => !known.has(name))
  const { isDeleted } = history.columns
  const definitions = added.map(({ quoted, dataType }) => `add column ${quoted} ${dataType}`)
  if (history.hardDeletes === "new_record" && !known.has(isDeleted)) {
    definitions.push(`add column ${quoteIdentifier(isDeleted)} text default 'False'`)
  }
  if (definitions.length > 0) session.database.run(`alter table ${table.render()} ${definitions.join(", ")}`)
  changeColumns(session, table, () =>
    expandColumns(session.database, (name, args) => session.callMacro(name, args), { wanted: queried, table }),
  )
}

function assertKeys({ database, name }: MaterializeSession, { uniqueKeys }: History, sql: string): void {
  const refused = single(database, `${sql} limit ${SHOWN_KEYS + 1}`).rows
  if (refused.length === 0) return
  const shown = refused
    .slice(0, SHOWN_KEYS)
    .map(([key, count]) => `${key} (${count} ${count === "1" ? "row" : "rows"})`)
  const more = refused.length > SHOWN_KEYS ? " and more" : ""
  const message = `Snapshot ${name} needs a unique_key (${uniqueKeys.join(", ")}) that is neither null nor repeated; these are: ${shown.join(", ")}${more}. Make its query give one row a key.`
  throw new AppError("model.invalid", message, { kind: "data" })
}

function assertMetaColumns(session: MaterializeSession, history: History, columns: readonly Column[]): void {
  const known = new Set(columns.map(({ name }) => name))
  const { scdId: scd, updatedAt, validFrom, validTo } = history.columns
  const missing = [scd, updatedAt, validFrom, validTo].filter((name) => !known.has(name))
  if (missing.length === 0) return
  const message = `${session.target.render()} is no snapshot: it lacks ${missing.join(", ")}. Drop it, choose another name, or set snapshot_meta_column_names.`
  throw new AppError("model.invalid", message)
}
