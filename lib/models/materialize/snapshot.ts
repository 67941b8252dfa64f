import { AppError } from "../../domain/errors.ts"
import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"
import type { AdapterResponse } from "../adapter/adapter-response.ts"
import { findRelation, readColumns, single } from "../adapter/catalog.ts"
import { expandColumns } from "../adapter/expand-columns.ts"
import { Dict } from "../jinja/dict.ts"
import { toText } from "../jinja/print.ts"
import type { Column } from "../relation/column.ts"
import type { Relation } from "../relation/relation.ts"
import { inFrame, macroSql } from "./frame.ts"
import type { Materialization, MaterializeSession } from "./session.ts"
import { type SnapshotConfig, snapshotConfig } from "./snapshot-config.ts"
import { changeColumns } from "./swap.ts"

const STAGE = quoteIdentifier("__dbt_snapshot_stage")
const STAGED_AT = quoteIdentifier("__dbt_staged_at")
/** The aliases that expressions of custom strategies refer to. */
const OLD = "snapshotted_data"
const NEW = "source_data"
const SHOWN_KEYS = 5

/**
 * Keeps the history of a query's rows (a slowly changing dimension of type 2): closes versions that changed or went, and opens
 * a version for each row that has no current one. Of one key no two versions overlap, whatever its updated_at says: a version
 * never begins before the last one ended.
 *
 * @throws AppError `model.invalid` for keys that are null or not unique, with some of them.
 */
export const materializeSnapshot: Materialization = (session) =>
  inFrame(session, () => {
    const { database, target } = session
    const existing = findRelation(database, target)
    const strategy = customStrategy(session, existing !== null)
    const config = { ...snapshotConfig(session), ...strategy }
    stage(session, config)
    try {
      assertKeys(session, config)
      if (!existing) {
        const response = create(session, config)
        session.callMacro("create_indexes", [target])
        return { relation: target.with({ type: "table" }), response }
      }
      if (existing.type !== "table") {
        const message = `${existing.render()} is a ${existing.type}, so snapshot ${session.name} cannot be kept there. Drop it or choose another name.`
        throw new AppError("model.invalid", message)
      }
      const response = update(session, config, existing)
      session.callMacro("create_indexes", [existing])
      return { relation: existing, response }
    } finally {
      if (database.isInTransaction) dropStage(session)
    }
  })

/** The config, with what a strategy of the project's own says. */
type History = SnapshotConfig & Pick<CustomStrategy, "rowChanged">

/** The query's rows with their keys and times as columns of their own, read once. */
function stage(session: MaterializeSession, config: History): void {
  const time = config.updatedAt ?? snapshotTime(session)
  const keys = config.uniqueKeys.map((key, index) => `(${key}) as ${keyName(index)}`)
  session.runMain(
    `create temporary table ${STAGE} on commit drop as
     select sbq.*, ${keys.join(", ")}, (${time}) as ${STAGED_AT}
     from (
       ${session.sql}
     ) as sbq`,
  )
  session.database.run(`analyze ${STAGE}`)
}

function dropStage({ database }: MaterializeSession): void {
  try {
    database.run(`drop table if exists ${STAGE}`)
  } catch {
    // The transaction has failed already, which is what is reported; the table goes with it.
  }
}

function assertKeys({ database, name }: MaterializeSession, { uniqueKeys }: History): void {
  const keys = uniqueKeys.map((_, index) => keyName(index))
  const refused = single(
    database,
    `select concat_ws(', ', ${keys.map((key) => `coalesce(${key}::text, 'null')`).join(", ")}), count(*)
     from ${STAGE}
     group by ${keys.join(", ")}
     having count(*) > 1 or ${keys.map((key) => `${key} is null`).join(" or ")}
     limit ${SHOWN_KEYS + 1}`,
  ).rows
  if (refused.length === 0) return
  const shown = refused
    .slice(0, SHOWN_KEYS)
    .map(([key, count]) => `${key} (${count} ${count === "1" ? "row" : "rows"})`)
  const more = refused.length > SHOWN_KEYS ? " and more" : ""
  const message = `Snapshot ${name} needs a unique_key (${uniqueKeys.join(", ")}) that is neither null nor repeated; these are: ${shown.join(", ")}${more}. Make its query give one row a key.`
  throw new AppError("model.invalid", message, { kind: "data" })
}

function create(session: MaterializeSession, config: History): AdapterResponse {
  const { target } = session
  const columns = stagedColumns(session, config)
  return session.runMain(
    `create table ${target.render()} as
     select ${[...columns.map(({ quoted }) => `${NEW}.${quoted}`), ...metaValues(session, config, `coalesce(${NEW}.${STAGED_AT}, ${snapshotTime(session)})`)].join(", ")}
     from ${STAGE} as ${NEW}`,
  )
}

function update(session: MaterializeSession, config: History, existing: Relation): AdapterResponse {
  const { database } = session
  const staged = stagedColumns(session, config)
  const before = readColumns(database, existing)
  assertMetaColumns(session, config, before)
  const isNew = addColumns(session, config, existing, staged, before)
  database.run(closeChanged(session, config, existing, staged, before, isNew))
  if (config.hardDeletes !== "ignore") database.run(closeDeleted(session, config, existing, staged))
  return session.runMain(insertVersions(session, config, existing, staged))
}

/** Columns that are new in the query are added; those that went stay, and are null from now on. */
function addColumns(
  session: MaterializeSession,
  config: History,
  existing: Relation,
  staged: readonly Column[],
  before: readonly Column[],
): boolean {
  const known = new Set(before.map(({ name }) => name))
  const added = staged.filter(({ name }) => !known.has(name))
  const { isDeleted } = config.columns
  const definitions = added.map(({ quoted, dataType }) => `add column ${quoted} ${dataType}`)
  if (config.hardDeletes === "new_record" && !known.has(isDeleted)) {
    definitions.push(`add column ${quoteIdentifier(isDeleted)} text default 'False'`)
  }
  if (definitions.length > 0) session.database.run(`alter table ${existing.render()} ${definitions.join(", ")}`)
  const relations = { from: stageRelation(existing), to: existing }
  changeColumns(session, existing, () =>
    expandColumns(session.database, (name, args) => session.callMacro(name, args), relations),
  )
  return added.length > 0
}

/** Ends the versions whose row is another now. */
function closeChanged(
  session: MaterializeSession,
  config: History,
  existing: Relation,
  staged: readonly Column[],
  before: readonly Column[],
  hasNewColumns: boolean,
): string {
  const { columns } = config
  const end = `greatest(${NEW}.${STAGED_AT}, ${OLD}.${quoteIdentifier(columns.validFrom)})`
  const time = snapshotTime(session)
  // A changed row whose own time does not say so changed at some time before now.
  const closesAt = `case when ${NEW}.${STAGED_AT} > ${OLD}.${quoteIdentifier(columns.validFrom)} then ${NEW}.${STAGED_AT}
                         else greatest(${end}, ${time}) end`
  const reappears =
    config.hardDeletes === "new_record" ? `${OLD}.${quoteIdentifier(columns.isDeleted)} = 'True' or ` : ""
  return `update ${existing.render()} as t
    set ${quoteIdentifier(columns.validTo)} = c.closes_at
    from (
      select ${OLD}.__dbt_tid as tid, ${closesAt} as closes_at
      from ${current(config, existing)} as ${OLD}
      join ${STAGE} as ${NEW} on ${keysMatch(config)}
      where ${reappears}(${rowChanged(config, staged, before, hasNewColumns)})
    ) as c
    where t.ctid = c.tid`
}

function rowChanged(
  config: History,
  staged: readonly Column[],
  before: readonly Column[],
  hasNewColumns: boolean,
): string {
  if (config.rowChanged !== undefined) return config.rowChanged
  if (config.strategy === "timestamp") {
    return `${NEW}.${STAGED_AT} > ${OLD}.${quoteIdentifier(config.columns.validFrom)}`
  }
  if (config.checkColumns === "all" && hasNewColumns) return "true"
  const names = config.checkColumns === "all" ? staged.map(({ name }) => name) : config.checkColumns
  const known = new Map(before.map((column) => [column.name.toLowerCase(), column]))
  return names
    .map((name) => {
      const column = known.get(name.toLowerCase())
      if (!column) return "true"
      const cast = WITHOUT_EQUALITY.test(column.type) ? "::text" : ""
      return `${OLD}.${column.quoted}${cast} is distinct from ${NEW}.${column.quoted}${cast}`
    })
    .join(" or ")
}

/** Types that have no equality, or one by area or length alone; their texts have. */
const WITHOUT_EQUALITY = /^(json|xml|point|line|lseg|box|path|polygon|circle)(\[\])?$/

interface CustomStrategy {
  /** SQL over {@link OLD} and {@link NEW}. */
  rowChanged?: string
  updatedAt?: string
}

/** What a project's own `snapshot_<name>_strategy` says, called as dbt calls it. */
function customStrategy(session: MaterializeSession, isThere: boolean): CustomStrategy {
  const name = toText(session.config("strategy") ?? "")
  const macro = `snapshot_${name}_strategy`
  if (!session.hasMacro(macro)) {
    if (name === "" || name === "timestamp" || name === "check") return {}
    const message = `Snapshot ${session.name} has strategy "${name}"; it can be timestamp or check, or that of a macro ${macro}.`
    throw new AppError("model.invalid", message)
  }
  const strategy = session.callMacro(macro, [session.model, OLD, NEW, session.modelConfig, isThere])
  const text = (key: string) => {
    const value = strategy instanceof Dict ? (strategy.get(key) ?? null) : null
    return value === null ? undefined : toText(value)
  }
  const rowChanged = text("row_changed")
  if (rowChanged === undefined) {
    throw new AppError("model.invalid", `Macro ${macro} must return a dict with row_changed.`)
  }
  const updatedAt = text("updated_at")
  return { rowChanged, ...(updatedAt !== undefined && { updatedAt }) }
}

/** Ends the versions whose row is gone, and opens one that says so where that is wished. */
function closeDeleted(
  session: MaterializeSession,
  config: History,
  existing: Relation,
  staged: readonly Column[],
): string {
  const { columns } = config
  const names = staged.map(({ quoted }) => quoted)
  const time = snapshotTime(session)
  const notYet = config.hardDeletes === "new_record" ? `and ${OLD}.${quoteIdentifier(columns.isDeleted)} <> 'True'` : ""
  const gone = `select ${OLD}.__dbt_tid as tid, greatest(${time}, ${OLD}.${quoteIdentifier(columns.validFrom)}) as at
      from ${current(config, existing)} as ${OLD}
      where not exists (select from ${STAGE} as ${NEW} where ${keysMatch(config)}) ${notYet}`
  const close = `update ${existing.render()} as t
    set ${quoteIdentifier(columns.validTo)} = gone.at
    from (${gone}) as gone
    where t.ctid = gone.tid`
  if (config.hardDeletes === "invalidate") return close
  const keys = config.uniqueKeys.map((key) => `(${key})::text`)
  return `with closed as (${close} returning ${[...names.map((name) => `t.${name}`), "gone.at as __dbt_gone_at"].join(", ")})
    insert into ${existing.render()} (${[...names, ...metaNames(config)].join(", ")})
    select ${names.join(", ")}, ${scdId(session, keys, "__dbt_gone_at")}, __dbt_gone_at, __dbt_gone_at, ${validToCurrent(config, "__dbt_gone_at")}, 'True'
    from closed`
}

/** Opens a version for each row without a current one: new, just closed, or back again. */
function insertVersions(
  session: MaterializeSession,
  config: History,
  existing: Relation,
  staged: readonly Column[],
): string {
  const names = staged.map(({ quoted }) => quoted)
  const keys = config.uniqueKeys.map((_, index) => keyName(index))
  const validTo = quoteIdentifier(config.columns.validTo)
  const from = `coalesce(greatest(${NEW}.${STAGED_AT}, ended.ended_at), ${snapshotTime(session)})`
  return `with missing as (
      select ${NEW}.*
      from ${STAGE} as ${NEW}
      where not exists (select from ${current(config, existing)} as ${OLD} where ${keysMatch(config)})
    ), ended as (
      select ${keys.join(", ")}, max(${validTo}) as ended_at
      from ${versions(config, existing)} as every
      where (${keys.join(", ")}) in (select ${keys.join(", ")} from missing)
      group by ${keys.join(", ")}
    )
    insert into ${existing.render()} (${[...names, ...metaNames(config)].join(", ")})
    select ${[...names.map((name) => `${NEW}.${name}`), ...metaValues(session, config, from)].join(", ")}
    from missing as ${NEW}
    left join ended using (${keys.join(", ")})`
}

/** Versions that are current, with their keys and their place. */
function current(config: History, existing: Relation): string {
  const validTo = quoteIdentifier(config.columns.validTo)
  const marker = config.validToCurrent === null ? "" : ` or ${validTo} = (${config.validToCurrent})`
  return `(select * from ${versions(config, existing)} as v where ${validTo} is null${marker})`
}

function versions({ uniqueKeys }: SnapshotConfig, existing: Relation): string {
  const keys = uniqueKeys.map((key, index) => `(${key}) as ${keyName(index)}`)
  return `(select *, ctid as __dbt_tid, ${keys.join(", ")} from ${existing.render()})`
}

function keysMatch({ uniqueKeys }: SnapshotConfig): string {
  return uniqueKeys.map((_, index) => `${OLD}.${keyName(index)} = ${NEW}.${keyName(index)}`).join(" and ")
}

function metaNames({ columns, hardDeletes }: SnapshotConfig): string[] {
  const names = [columns.scdId, columns.updatedAt, columns.validFrom, columns.validTo]
  if (hardDeletes === "new_record") names.push(columns.isDeleted)
  return names.map(quoteIdentifier)
}

/** The values of a new version's own columns, in the order of {@link metaNames}, each under its name. */
function metaValues(session: MaterializeSession, config: History, from: string): string[] {
  const keys = config.uniqueKeys.map((_, index) => `${NEW}.${keyName(index)}`)
  const values = [scdId(session, keys, from), from, from, validToCurrent(config, from)]
  if (config.hardDeletes === "new_record") values.push("'False'::text")
  return values.map((value, index) => `${value} as ${metaNames(config)[index]}`)
}

/** As dbt hashes it, so that tables that dbt made go on. */
function scdId(session: MaterializeSession, keys: readonly string[], from: string): string {
  return macroSql(session, "snapshot_hash_arguments", [[...keys, from]])
}

function validToCurrent({ validToCurrent }: SnapshotConfig, from: string): string {
  // nullif gives the null the type of the times beside it.
  return validToCurrent === null ? `nullif(${from}, ${from})` : `coalesce(nullif(${from}, ${from}), ${validToCurrent})`
}

function stagedColumns(session: MaterializeSession, config: History): Column[] {
  const own = new Set([STAGED_AT, ...config.uniqueKeys.map((_, index) => keyName(index))])
  return readColumns(session.database, stageRelation(session.target)).filter(({ quoted }) => !own.has(quoted))
}

function stageRelation(target: Relation): Relation {
  return target.with({ database: null, schema: null, identifier: STAGE.slice(1, -1), type: "table" })
}

function assertMetaColumns(session: MaterializeSession, config: History, columns: readonly Column[]): void {
  const known = new Set(columns.map(({ name }) => name))
  const { scdId: scd, updatedAt, validFrom, validTo } = config.columns
  const missing = [scd, updatedAt, validFrom, validTo].filter((name) => !known.has(name))
  if (missing.length === 0) return
  const message = `${session.target.render()} is no snapshot: it lacks ${missing.join(", ")}. Drop it, choose another name, or set snapshot_meta_column_names.`
  throw new AppError("model.invalid", message)
}

function keyName(index: number): string {
  return quoteIdentifier(`__dbt_key_${index + 1}`)
}

function snapshotTime(session: MaterializeSession): string {
  return toText(session.callMacro("snapshot_get_time", [])).trim()
}
