import { randomBytes } from "node:crypto"
import { AppError } from "../../domain/errors.ts"
import { quoteIdentifier, quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import type { AdapterResponse } from "../adapter/adapter-response.ts"
import { single } from "../adapter/catalog.ts"
import { Dict } from "../jinja/dict.ts"
import { toText } from "../jinja/print.ts"
import type { Relation } from "../relation/relation.ts"
import { suffixedName } from "../relation/suffixed-name.ts"
import { macroSql } from "./frame.ts"
import type { MaterializeSession } from "./session.ts"
import { dropSql } from "./swap.ts"

const GRANULARITIES = ["hour", "day", "month", "year"] as const
type Granularity = (typeof GRANULARITIES)[number]

export interface Partitioning {
  field: string
  granularity: Granularity
}

/** What the config's `partition_by` asks for: a field's name, or `{ field, granularity }` with a day by default. */
export function partitionBy(session: MaterializeSession): Partitioning | null {
  const value = session.config("partition_by")
  if (value === null) return null
  const field = value instanceof Dict ? (value.get("field") ?? null) : value
  const granularity = value instanceof Dict ? toText(value.get("granularity") ?? "day") : "day"
  if (typeof field !== "string" || !isGranularity(granularity)) {
    const message = `partition_by of ${session.name} needs a field and a granularity of ${GRANULARITIES.join(", ")}.`
    throw new AppError("model.invalid", message)
  }
  return { field, granularity }
}

/** Builds a table that is declared as partitioned by ranges of a field, with a partition for each range that has rows. */
export function createPartitioned(
  session: MaterializeSession,
  built: Relation,
  partitioning: Partitioning,
): AdapterResponse {
  const { database } = session
  const staged = built.with({ schema: null, database: null, identifier: suffixedName(built.identifier, "__stage") })
  const response = session.runMain(macroSql(session, "get_create_table_as_sql", [true, staged, session.sql]))
  database.run(
    `create table ${built.render()} (like ${staged.render()}) partition by range (${quoteIdentifier(partitioning.field)})`,
  )
  createPartitions(session, built, staged, partitioning)
  database.run(`insert into ${built.render()} select * from ${staged.render()};\n${dropSql(staged)}`)
  return response
}

/** Creates the partitions that rows of `staged` need and the table does not have, besides one for rows without a value. */
export function createPartitions(
  { database, target }: MaterializeSession,
  table: Relation,
  staged: Relation,
  { field, granularity }: Partitioning,
): void {
  const column = quoteIdentifier(field)
  const parent = `${quoteLiteral(table.render())}::regclass`
  const known = new Set(
    single(
      database,
      `select pg_catalog.pg_get_expr(c.relpartbound, c.oid)
       from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
       where i.inhparent = ${parent}`,
    ).rows.map(([bound]) => /^FOR VALUES FROM \('([^']+)'\)/.exec(bound!)?.[1]),
  )
  // A date's bound is shown without the time that truncating adds.
  const missing = single(
    database,
    `select low::text, (low + interval '1 ${granularity}')::text, to_char(low, 'YYYYMMDDHH24')
     from (select distinct date_trunc('${granularity}', ${column}) as low from ${staged.render()} where ${column} is not null) w
     order by 1`,
  ).rows.filter(([low]) => !known.has(low!) && !known.has(low!.replace(/ 00:00:00.*$/, "")))
  const hasDefault = single(
    database,
    `select from pg_catalog.pg_partitioned_table
     where partrelid = ${parent} and partdefid <> 0`,
  ).rows
  const name = (label: string) =>
    table.with({ identifier: suffixedName(target.identifier, `_p${label}_${randomBytes(4).toString("hex")}`) }).render()
  const statements = missing.map(
    ([low, high, label]) =>
      `create table ${name(label!)} partition of ${table.render()} for values from (${quoteLiteral(low!)}) to (${quoteLiteral(high!)})`,
  )
  if (hasDefault.length === 0) statements.push(`create table ${name("rest")} partition of ${table.render()} default`)
  if (statements.length > 0) database.run(statements.join(";\n"))
}

function isGranularity(value: string): value is Granularity {
  return GRANULARITIES.some((each) => each === value)
}
