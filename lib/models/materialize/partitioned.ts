import { randomBytes } from "node:crypto"
import { didYouMean } from "../../domain/closest.ts"
import { AppError } from "../../domain/errors.ts"
import { quoteIdentifier, quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import type { AdapterResponse } from "../adapter/adapter-response.ts"
import { readColumns, single } from "../adapter/catalog.ts"
import { Dict } from "../jinja/dict.ts"
import { isTrue } from "../jinja/iterate.ts"
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
  const contract = session.config("contract")
  const isEnforced = contract instanceof Dict && isTrue(contract.get("enforced") ?? false)
  if (isEnforced) session.callMacro("get_assert_columns_equivalent", [session.sql])
  const staged = built.with({ schema: null, database: null, identifier: suffixedName(built.identifier, "__stage") })
  const response = session.runMain(macroSql(session, "get_create_table_as_sql", [true, staged, session.sql]))
  fieldType(session, staged, partitioning)
  const definition = isEnforced
    ? macroSql(session, "get_table_columns_and_constraints", [])
    : `(like ${staged.render()})`
  database.run(
    `create table ${built.render()} ${definition} partition by range (${quoteIdentifier(partitioning.field)})`,
  )
  createPartitions(session, built, staged, partitioning)
  const columns = readColumns(database, staged)
    .map(({ quoted }) => quoted)
    .join(", ")
  const insert = `insert into ${built.render()} (${columns}) select ${columns} from ${staged.render()}`
  database.run(`${insert};\n${dropSql(staged)}`)
  return response
}

/**
 * Creates the partitions that rows of `staged` need and the table does not have, besides one for rows without a value. Instants
 * are cut in UTC, whatever the session's time zone. A table that was built as a plain one stays so, with a warning.
 */
export function createPartitions(
  session: MaterializeSession,
  table: Relation,
  staged: Relation,
  { field, granularity }: Partitioning,
): void {
  const { database, target } = session
  const defaults = single(
    database,
    `select partdefid <> 0 from pg_catalog.pg_partitioned_table where partrelid = ${regclass(table)}`,
  ).rows
  if (defaults.length === 0) {
    session.warn(
      `Table ${table.render()} is not partitioned as partition_by of ${session.name} wishes. Run it with --full-refresh to build it anew.`,
    )
    return
  }
  const name = (label: string) =>
    table.with({ identifier: suffixedName(target.identifier, `_p${label}_${randomBytes(4).toString("hex")}`) }).render()
  const kind = isTrue(session.config("unlogged") ?? false) ? "unlogged table" : "table"
  const statements = missingRanges(session, table, staged, { field, granularity }).map(
    ([low, high, label]) =>
      `create ${kind} ${name(label!)} partition of ${table.render()} for values from (${quoteLiteral(low!)}) to (${quoteLiteral(high!)})`,
  )
  if (defaults[0]![0] !== "t") statements.push(`create ${kind} ${name("rest")} partition of ${table.render()} default`)
  if (statements.length > 0) database.run(statements.join(";\n"))
}

/** Begin, end and label of each range with rows of `staged` in which no partition begins. */
function missingRanges(session: MaterializeSession, table: Relation, staged: Relation, partitioning: Partitioning) {
  const { field, granularity } = partitioning
  const type = fieldType(session, staged, partitioning)
  const column = quoteIdentifier(field)
  const isInstant = type === "timestamp with time zone"
  const local = isInstant ? `${column} at time zone 'UTC'` : column
  const bound = (time: string) => `cast((${time})${isInstant ? " at time zone 'UTC'" : ""} as ${type})`
  return single(
    session.database,
    `select ${bound("low")}::text, ${bound(`low + interval '1 ${granularity}'`)}::text, to_char(low, 'YYYYMMDDHH24')
     from (
       select distinct date_trunc('${granularity}', (${local})::timestamp) as low
       from ${staged.render()}
       where ${column} is not null
     ) w
     where ${bound("low")} not in (
       select substring(pg_catalog.pg_get_expr(c.relpartbound, c.oid) from $$^FOR VALUES FROM \\('([^']+)'\\)$$)::${type}
       from pg_catalog.pg_inherits i
       join pg_catalog.pg_class c on c.oid = i.inhrelid
       where i.inhparent = ${regclass(table)} and pg_catalog.pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT')
     order by low`,
  ).rows
}

function fieldType(
  { database, name }: MaterializeSession,
  staged: Relation,
  { field, granularity }: Partitioning,
): string {
  const columns = readColumns(database, staged)
  const column = columns.find((each) => each.name === field)
  if (!column) {
    const known = didYouMean(
      field,
      columns.map((each) => each.name),
    )
    throw new AppError(
      "model.invalid",
      `partition_by of ${name} names "${field}", which its query does not give${known}`,
    )
  }
  const isDate = column.type === "date"
  if ((!isDate && !column.type.startsWith("timestamp")) || (isDate && granularity === "hour")) {
    const wanted = granularity === "hour" ? "a timestamp" : "a date or timestamp"
    throw new AppError("model.invalid", `partition_by of ${name} needs ${wanted}; "${field}" is ${column.type}.`)
  }
  return column.type
}

function regclass(table: Relation): string {
  return `${quoteLiteral(table.render())}::regclass`
}

function isGranularity(value: string): value is Granularity {
  return GRANULARITIES.some((each) => each === value)
}
