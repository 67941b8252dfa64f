import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"
import { toText } from "../jinja/print.ts"
import type { Column } from "../relation/column.ts"
import type { Relation } from "../relation/relation.ts"
import { macroSql } from "./frame.ts"
import type { MaterializeSession } from "./session.ts"
import { type History, NEW, OLD, rowChanged } from "./snapshot-strategy.ts"

interface SnapshotParts {
  session: MaterializeSession
  history: History
  table: Relation
  /** What the query gives. */
  queried: readonly Column[]
}

/** The statements of a snapshot. */
export class SnapshotSql {
  readonly history: History
  readonly table: Relation
  readonly queried: readonly Column[]
  /**
   * The temporary table of rows that are not as they were: the query's columns, keys and time, the place of the current version
   * (null where there is none), and when that ends. Of versions whose row is gone, place and end alone.
   */
  readonly changes = quoteIdentifier("__dbt_snapshot_changes")
  private readonly session: MaterializeSession
  private readonly now: string
  /** The keys as they are called within these statements. */
  private readonly keys: readonly string[]
  private readonly validFrom: string
  private readonly validTo: string

  constructor({ session, history, table, queried }: SnapshotParts) {
    this.session = session
    this.history = history
    this.table = table
    this.queried = queried
    this.now = toText(session.callMacro("snapshot_get_time", [])).trim()
    this.keys = history.uniqueKeys.map((_, index) => `__dbt_key_${index + 1}`)
    this.validFrom = quoteIdentifier(history.columns.validFrom)
    this.validTo = quoteIdentifier(history.columns.validTo)
  }

  /** The first run: every row begins a history. */
  create(): string {
    const columns = this.queried.map(({ quoted }) => `${NEW}.${quoted}`)
    const names = this.metaNames()
    const meta = this.metaValues(`coalesce(${NEW}.__dbt_staged_at, ${this.now})`).map(
      (value, at) => `${value} as ${names[at]}`,
    )
    return `create table ${this.table.render()} as
      select ${[...columns, ...meta].join(", ")}
      from (
        ${this.source()}
      ) as ${NEW}`
  }

  /** Keys that are null or come twice, with how many rows they have, where the table was just made. */
  refusedOfTable(): string {
    return this.refused(this.versions(), "count(*) > 1")
  }

  refusedOfChanges(): string {
    return this.refused(`(select * from ${this.changes} where __dbt_is_there)`, "bool_or(__dbt_is_repeated)")
  }

  private refused(rows: string, isRepeated: string): string {
    const isNull = this.keys.map((key) => `${key} is null`).join(" or ")
    return `select concat_ws(', ', ${this.keys.map((key) => `coalesce(${key}::text, 'null')`).join(", ")}), count(*)
      from ${rows} as r
      group by ${this.keys.join(", ")}
      having ${isRepeated} or ${isNull}`
  }

  /**
   * Reads the query once and compares it with the current versions. What is as it was is not written anywhere, which makes this
   * as fast as an update by hand: most rows of most runs are.
   */
  compare(before: readonly Column[]): string {
    const { history, keys } = this
    const seesGone = history.hardDeletes !== "ignore"
    const tracksGone = history.hardDeletes === "new_record"
    const wasGone = `${OLD}.${quoteIdentifier(history.columns.isDeleted)} = 'True'`
    const closesAt = `case when ${NEW}.__dbt_staged_at > ${OLD}.${this.validFrom} then ${NEW}.__dbt_staged_at
        else greatest(${this.now}, ${OLD}.${this.validFrom}) end`
    const conditions = [
      `${OLD}.__dbt_tid is null`,
      "repeated.is_repeated",
      `${NEW}.__dbt_is_there and (${rowChanged(history, this.queried, before)})`,
      ...(tracksGone ? [`${NEW}.__dbt_is_there and ${wasGone}`] : []),
      ...(seesGone ? [`${NEW}.__dbt_is_there is null${tracksGone ? ` and ${wasGone} is not true` : ""}`] : []),
    ]
    return `create temporary table ${this.changes} on commit drop as
      with source as materialized (
        ${this.source()}
      ), repeated as (
        select ${keys.join(", ")}, true as is_repeated from source group by ${keys.join(", ")} having count(*) > 1
      )
      select ${NEW}.*, coalesce(repeated.is_repeated, false) as __dbt_is_repeated,
        ${OLD}.__dbt_tid, ${closesAt} as __dbt_closes_at
      from source as ${NEW}
      ${seesGone ? "full" : "left"} join ${this.current()} as ${OLD} on ${this.match(NEW, OLD)}
      left join repeated on ${this.match(NEW, "repeated")}
      where ${conditions.map((each) => `(${each})`).join(" or ")}`
  }

  /** Ends the versions whose row is another now. */
  closeChanged(): string {
    return this.close("c.__dbt_is_there")
  }

  /** Ends the versions whose row is gone, and opens one that says so where that is wished. */
  closeGone(): string {
    const { history } = this
    const close = this.close("c.__dbt_is_there is null")
    if (history.hardDeletes !== "new_record") return close
    const names = this.queried.map(({ quoted }) => quoted)
    const keys = history.uniqueKeys.map((key) => `(${key})`)
    const meta = this.metaValues("__dbt_gone_at", keys).with(-1, "'True'")
    return `with closed as (
        ${close} returning ${[...names.map((name) => `t.${name}`), "c.__dbt_closes_at as __dbt_gone_at"].join(", ")}
      )
      insert into ${this.table.render()} (${[...names, ...this.metaNames()].join(", ")})
      select ${[...names, ...meta].join(", ")} from closed`
  }

  private close(condition: string): string {
    return `update ${this.table.render()} as t
      set ${this.validTo} = c.__dbt_closes_at
      from ${this.changes} as c
      where t.ctid = c.__dbt_tid and ${condition}`
  }

  /** Opens a version for each row that changed, is new, or is back. */
  openVersions(): string {
    const { keys } = this
    const names = this.queried.map(({ quoted }) => quoted)
    // What is back with a time from before it went was not there in between.
    const from = `case
        when c.__dbt_tid is not null then c.__dbt_closes_at
        when c.__dbt_staged_at <= e.ended_at then greatest(${this.now}, e.ended_at)
        else coalesce(c.__dbt_staged_at, greatest(${this.now}, e.ended_at)) end`
    return `with ended as (
        select ${keys.join(", ")}, max(${this.validTo}) as ended_at
        from ${this.versions()} as v
        where (${keys.join(", ")}) in (select ${keys.join(", ")} from ${this.changes} where __dbt_tid is null)
        group by ${keys.join(", ")}
      )
      insert into ${this.table.render()} (${[...names, ...this.metaNames()].join(", ")})
      select ${[...names.map((name) => `${NEW}.${name}`), ...this.metaValues(`${NEW}.__dbt_from`)].join(", ")}
      from (
        select c.*, ${from} as __dbt_from
        from ${this.changes} as c
        left join ended as e on ${this.match("c", "e")}
        where c.__dbt_is_there
      ) as ${NEW}`
  }

  /** The query's rows with keys and time. */
  private source(): string {
    const keys = this.history.uniqueKeys.map((key, index) => `(${key}) as ${this.keys[index]}`)
    return `select sbq.*, ${keys.join(", ")}, (${this.history.updatedAt ?? this.now}) as __dbt_staged_at, true as __dbt_is_there
        from (
          ${this.session.sql}
        ) as sbq`
  }

  /** Versions that are current, with their keys and their place. */
  private current(): string {
    const { validToCurrent } = this.history
    const marker = validToCurrent === null ? "" : ` or ${this.validTo} = (${validToCurrent})`
    return `(select * from ${this.versions()} as v where ${this.validTo} is null${marker})`
  }

  private versions(): string {
    const keys = this.history.uniqueKeys.map((key, index) => `(${key}) as ${this.keys[index]}`)
    return `(select *, ctid as __dbt_tid, ${keys.join(", ")} from ${this.table.render()})`
  }

  private match(left: string, right: string): string {
    return this.keys.map((key) => `${left}.${key} = ${right}.${key}`).join(" and ")
  }

  private metaNames(): string[] {
    const { columns, hardDeletes } = this.history
    const names = [columns.scdId, columns.updatedAt, columns.validFrom, columns.validTo]
    if (hardDeletes === "new_record") names.push(columns.isDeleted)
    return names.map(quoteIdentifier)
  }

  /** The values of a new version's own columns, in the order of {@link metaNames}. */
  private metaValues(from: string, keys: readonly string[] = this.keys.map((key) => `${NEW}.${key}`)): string[] {
    const { validToCurrent, hardDeletes } = this.history
    // As dbt hashes it, so that tables that dbt made go on.
    const scdId = macroSql(this.session, "snapshot_hash_arguments", [[...keys, from]])
    // nullif gives the null the type of the times beside it.
    const open = `nullif(${from}, ${from})`
    const validTo = validToCurrent === null ? open : `coalesce(${open}, ${validToCurrent})`
    return [scdId, from, from, validTo, ...(hardDeletes === "new_record" ? ["'False'::text"] : [])]
  }
}
