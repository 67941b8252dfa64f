import { quoteIdentifier, quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import { foundRelations, isReadSql, relationsSql, single } from "../adapter/catalog.ts"
import { SqlError, type StatementAnswer, type SyncDatabase } from "../adapter/database.ts"
import type { Relation, RelationType } from "../relation/relation.ts"
import { suffixedName } from "../relation/suffixed-name.ts"
import { type Dependent, dependents, hasDependents } from "./dependents.ts"
import { endsWithWork, type MaterializeSession } from "./session.ts"

/** What is there before something is built. */
export interface Place {
  existing: Relation | null
  /** Whether views read that. */
  isRead: boolean
  /** What attempts that died have left beside it. */
  leftovers: readonly Relation[]
}

/** What is there of the target now; one question to the server. */
export function findPlace(session: MaterializeSession): Place {
  return toPlace(session, single(session.database, placeSql(session)))
}

function placeSql({ target }: MaterializeSession): string {
  return relationsSql(target, [target.identifier, ...besideNames(target)])
}

function toPlace({ target }: MaterializeSession, answer: StatementAnswer): Place {
  const found = foundRelations(target, answer)
  const leftovers = besideNames(target).flatMap((name) => found.get(name)?.relation ?? [])
  const own = found.get(target.identifier)
  return { existing: own?.relation ?? null, isRead: own?.isRead ?? false, leftovers }
}

function besideNames({ identifier }: Relation): string[] {
  return [BUILT, BACKUP].map((suffix) => suffixedName(identifier, suffix))
}

/** What a relation is called while it is built, and while it is replaced. */
const BUILT = "__dbt_tmp"
const BACKUP = "__dbt_backup"

/** The relation beside `target` in which it is built, with what is left of earlier attempts dropped. */
export function besides(session: MaterializeSession, type: RelationType, place: Place): Relation {
  dropLeftovers(session, place.leftovers)
  return builtBeside(session, type)
}

function dropLeftovers({ database }: MaterializeSession, leftovers: readonly Relation[]): void {
  if (leftovers.length > 0) database.run(leftovers.map(dropSql).join(";\n"))
}

function builtBeside({ target }: MaterializeSession, type: RelationType): Relation {
  return target.with({ identifier: suffixedName(target.identifier, BUILT), type })
}

/**
 * Builds a relation beside the target, by one statement that `build` sends, and finds the target's place in the same round
 * trip. Where an earlier attempt has left something that is in the way, that is dropped, and `build` is called again.
 */
export function buildBeside<Result>(
  session: MaterializeSession,
  type: RelationType,
  build: (built: Relation) => Result,
): { built: Relation; place: Place; result: Result } {
  const { database } = session
  const built = builtBeside(session, type)
  let place: Place | null = null
  database.defer(placeSql(session), (answer) => {
    place = toPlace(session, answer)
  })
  database.defer("savepoint build_beside")
  try {
    const result = build(built)
    database.defer("release savepoint build_beside")
    place ??= findPlace(session)
    // Of that name, there is now what was built: a project's own macro may have dropped what was there.
    dropLeftovers(
      session,
      place.leftovers.filter(({ identifier }) => identifier !== built.identifier),
    )
    return { built, place, result }
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlState !== DUPLICATE_TABLE) throw error
    database.run("rollback to savepoint build_beside; release savepoint build_beside")
    const found = findPlace(session)
    if (found.leftovers.length === 0) throw error
    return { built: besides(session, type, found), place: found, result: build(built) }
  }
}

const DUPLICATE_TABLE = "42P07"

/**
 * Puts what was built in the place of what is there, within the open transaction, so that readers never see neither. Views
 * and materialized views that read the old relation read the new one from then on; those that cannot, as their columns are
 * gone, are dropped with a warning. (dbt drops all of them.)
 */
export function swap(session: MaterializeSession, built: Relation, { existing, isRead }: Place): Relation {
  const { target, database } = session
  const result = target.with({ type: built.type })
  const rename = renameSql(built, target.identifier)
  if (!existing) {
    finish(session, rename)
    return result
  }
  const backup = existing.with({ identifier: suffixedName(target.identifier, BACKUP) })
  const exchange = `${renameSql(existing, backup.identifier)};\n${rename}`
  if (!isRead && replaceUnread(session, exchange, backup)) return result
  const readers = lockReaders(session, existing)
  database.run(exchange)
  for (const reader of readers) restore(session, reader, reader.rebind)
  for (const { clear } of readers) if (clear !== null) database.run(clear)
  database.run(dropSql(backup))
  return result
}

/**
 * Replaces a relation that no view reads, as most are, in one round trip; says whether that is still so. It is asked once the
 * relation is locked, as until then somebody may make a view of it; the server knows no other way to end a batch than an error.
 */
function replaceUnread(session: MaterializeSession, exchange: string, backup: Relation): boolean {
  const { database } = session
  const guard = `select 1 / case when ${isReadSql(`${quoteLiteral(backup.render())}::regclass`)} then 0 else 1 end`
  database.defer("savepoint replace_unread")
  try {
    finish(session, `${exchange};\n${guard};\n${dropSql(backup)};\nrelease savepoint replace_unread`)
    return true
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlState !== DIVISION_BY_ZERO) throw error
    database.run("rollback to savepoint replace_unread; release savepoint replace_unread")
    return false
  }
}

/** Runs what a materialization ends with; with the commit, where nothing comes in between. */
function finish(session: MaterializeSession, sql: string): void {
  if (endsWithWork(session)) session.database.runAndCommit(sql)
  else session.database.run(sql)
}

const DIVISION_BY_ZERO = "22012"

/** Below the second after which the server looks for a deadlock, and ends one of those in it. */
const LOCK_TIMEOUT_MS = 400
const LOCK_ATTEMPTS = 20
const LOCK_NOT_AVAILABLE = "55P03"

/**
 * The views that read a relation, locked with it. A query locks a view before what the view reads, so the outermost comes first;
 * one that names both may have begun in the other order, so who waits for long lets go of all and tries again, before the
 * server would end that query for a deadlock.
 */
function lockReaders({ database }: MaterializeSession, relation: Relation): Dependent[] {
  if (!hasDependents(database, relation)) return []
  // Two that are swapped at the same time may have readers in common, and each would change those of the other.
  database.run("select pg_advisory_xact_lock(hashtext('headrace: views of relations that are swapped'))")
  const readers = dependents(database, relation)
  const locks = [...readers.map(({ lock }) => lock).reverse(), lockSql(database, relation)]
  const before = single(database, "show lock_timeout").rows[0]![0]!
  for (let attempt = 1; ; attempt++) {
    const timeout = attempt < LOCK_ATTEMPTS ? `${LOCK_TIMEOUT_MS}ms` : before
    try {
      database.run(`savepoint locks; set local lock_timeout = ${quoteLiteral(timeout)}; ${locks.join("; ")}`)
      database.run(`set local lock_timeout = ${quoteLiteral(before)}; release savepoint locks`)
      return readers
    } catch (error) {
      const isTimeout = error instanceof SqlError && error.sqlState === LOCK_NOT_AVAILABLE
      if (!isTimeout || attempt >= LOCK_ATTEMPTS) throw error
      database.run("rollback to savepoint locks; release savepoint locks")
    }
  }
}

function lockSql(database: SyncDatabase, relation: Relation): string {
  if (relation.type === "table") return `lock table ${relation.render()} in access exclusive mode`
  // Of a view, that would lock what it reads; its owner may be set to what it is.
  const owner = single(
    database,
    `select pg_catalog.pg_get_userbyid(relowner) from pg_catalog.pg_class where oid = ${quoteLiteral(relation.render())}::regclass`,
  ).rows[0]![0]!
  return `alter ${kindOf(relation)} ${relation.render()} owner to ${quoteIdentifier(owner)}`
}

/** Dropping a column that a view reads, and changing its type. */
const REFUSED_FOR_READERS = ["2BP01", "0A000"]

/**
 * Changes a table's columns. Where views stand in the way they are dropped and made anew behind the change, but for those
 * that no longer fit, with a warning.
 */
export function changeColumns<Result>(session: MaterializeSession, table: Relation, change: () => Result): Result {
  const { database } = session
  database.run("savepoint change")
  try {
    const result = change()
    database.run("release savepoint change")
    return result
  } catch (error) {
    if (!isRefused(error)) throw error
    database.run("rollback to savepoint change; release savepoint change")
  }
  const readers = lockReaders(session, table)
  for (const { kind, name } of readers) database.run(`drop ${kind} if exists ${name} cascade`)
  const result = change()
  for (const reader of readers) restore(session, reader, reader.recreate)
  return result
}

function isRefused(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SqlError) return REFUSED_FOR_READERS.includes(cause.sqlState ?? "")
  }
  return false
}

function restore(session: MaterializeSession, { kind, name }: Dependent, sql: string): void {
  const { database } = session
  database.run("savepoint restore")
  try {
    database.run(`${sql};\nrelease savepoint restore`)
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    // Dropped now, so that those that read it in turn are found not to fit either.
    database.run(`rollback to savepoint restore; release savepoint restore; drop ${kind} if exists ${name} cascade`)
    session.warn(`The ${kind} ${name} no longer fits the new relation and is dropped: ${error.message}.`)
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
