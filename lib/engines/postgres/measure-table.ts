import type pg from "pg"
import type { ColumnMetric } from "#lib/domain/anomaly/metric.ts"
import { AppError } from "#lib/domain/errors.ts"
import { readColumns } from "./catalog.ts"
import { quoteIdentifier, quoteTable } from "./quote-identifier.ts"
import { withSession } from "./session.ts"

/** A table that takes longer is too large to be looked at so often. */
const STATEMENT_TIMEOUT_MS = 60_000
const LOCK_TIMEOUT_MS = 2_000

export interface TableMeasures {
  columns: { name: string; type: string }[]
  /** Null where nothing was asked that needs a scan. */
  rowCount: number | null
  values: { column: string; metric: ColumnMetric; value: number }[]
  /** What was asked for, and cannot be: columns that are gone, metrics that a type does not have. */
  skipped: string[]
}

/**
 * Measures a table's columns and counts its rows in one scan, read-only, ended after a minute. Of a column for which no metrics
 * are named, those that are usual for its type are measured. Instants are measured as seconds since 1970, true as 1. What has
 * no value (no rows, all null) or no finite one is left out.
 * @throws AppError translated; `source.table_missing`, `engine.timeout`
 */
export async function measureTable(
  pool: pg.Pool,
  asked: {
    table: string
    columns: ReadonlyMap<string, readonly ColumnMetric[] | null>
    countRows: boolean
    signal?: AbortSignal
  },
): Promise<TableMeasures> {
  const { table, signal } = asked
  const session = { connection: "warehouse", applicationName: "headrace-measure", ...(signal && { signal }) }
  return withSession(pool, session, async (client) => {
    await client.query("begin isolation level repeatable read read only")
    try {
      await client.query("select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)", [
        String(STATEMENT_TIMEOUT_MS),
        String(LOCK_TIMEOUT_MS),
      ])
      const columns = await readColumns(client, table)
      if (columns === null) throw new AppError("source.table_missing", `There is no table ${table} in the warehouse.`)
      const types = await readCategories(client, columns)
      const { wanted, skipped } = plan(asked.columns, types)
      const shape = columns.map(({ name, type }) => ({ name, type }))
      if (wanted.length === 0 && !asked.countRows) return { columns: shape, rowCount: null, values: [], skipped }
      const [row] = (await client.query<Record<string, number | null>>(scanSql(table, wanted))).rows
      const values = wanted.flatMap(({ column, metric }, index) => {
        const value = row![`v${index}`]
        return typeof value === "number" && Number.isFinite(value) ? [{ column, metric, value }] : []
      })
      return { columns: shape, rowCount: row!.row_count!, values, skipped }
    } finally {
      await client.query("rollback").catch(() => {})
    }
  })
}

/** How a type is measured. */
type Category = "number" | "instant" | "text" | "boolean" | "comparable" | "other"

const USUAL: Record<Category, readonly ColumnMetric[]> = {
  number: ["null_share", "distinct", "min", "max", "mean", "stdev"],
  instant: ["null_share", "min", "max"],
  text: ["null_share", "distinct", "mean_length"],
  boolean: ["null_share", "mean"],
  comparable: ["null_share", "distinct"],
  other: ["null_share"],
}
const POSSIBLE: Record<Category, readonly ColumnMetric[]> = {
  number: [...USUAL.number, "unique_share", "sum"],
  instant: [...USUAL.instant, "distinct", "unique_share"],
  text: [...USUAL.text, "unique_share"],
  boolean: [...USUAL.boolean, "sum"],
  comparable: [...USUAL.comparable, "unique_share"],
  other: ["null_share"],
}

/** By the catalog's own categories of types (documentation of pg_type.typcategory), a domain's by its base type. */
async function readCategories(
  client: pg.ClientBase,
  columns: readonly { name: string; portableType: string }[],
): Promise<Map<string, Category>> {
  const { rows } = await client.query<TypeFacts>(
    `select w.type, t.typname as name, t.typcategory as category,
            exists (select from pg_opclass o join pg_am a on a.oid = o.opcmethod
                    where a.amname = 'btree' and o.opcintype = t.oid) as comparable
     from unnest($1::text[]) as w (type)
     join pg_type t on t.oid = w.type::regtype`,
    [[...new Set(columns.map(({ portableType }) => portableType))]],
  )
  const byType = new Map(rows.map((row) => [row.type, categoryOf(row)]))
  return new Map(columns.map(({ name, portableType }) => [name, byType.get(portableType) ?? "other"]))
}

interface TypeFacts {
  type: string
  name: string
  category: string
  comparable: boolean
}

/** Others of the catalog's numbers, such as money, have no mean. */
const NUMBERS = new Set(["int2", "int4", "int8", "numeric", "float4", "float8"])

function categoryOf({ name, category, comparable }: TypeFacts): Category {
  if (NUMBERS.has(name)) return "number"
  if (category === "S") return "text"
  if (category === "B") return "boolean"
  // Times of day, too: they are seconds since midnight then.
  if (category === "D") return "instant"
  return comparable ? "comparable" : "other"
}

interface Wanted {
  column: string
  metric: ColumnMetric
  category: Category
}

function plan(
  asked: ReadonlyMap<string, readonly ColumnMetric[] | null>,
  types: ReadonlyMap<string, Category>,
): { wanted: Wanted[]; skipped: string[] } {
  const wanted: Wanted[] = []
  const skipped: string[] = []
  for (const [column, metrics] of asked) {
    const category = types.get(column)
    if (category === undefined) {
      skipped.push(`There is no column ${column}.`)
      continue
    }
    for (const metric of metrics ?? USUAL[category]) {
      if (POSSIBLE[category].includes(metric)) wanted.push({ column, metric, category })
      else skipped.push(`${column} has no ${metric}.`)
    }
  }
  return { wanted, skipped }
}

function scanSql(table: string, wanted: readonly Wanted[]): string {
  const values = wanted.map((each, index) => `(${expressionOf(each)})::float8 as v${index}`)
  return `select ${["count(*)::float8 as row_count", ...values].join(",\n       ")}\nfrom ${quoteTable(table)}`
}

function expressionOf({ column, metric, category }: Wanted): string {
  const name = quoteIdentifier(column)
  const value = { instant: `extract(epoch from ${name})`, boolean: `${name}::int` }[category as string] ?? name
  switch (metric) {
    case "null_share":
      return `(count(*) - count(${name}))::float8 / nullif(count(*), 0)`
    case "distinct":
      return `count(distinct ${name})`
    case "unique_share":
      return `count(distinct ${name})::float8 / nullif(count(${name}), 0)`
    // The extreme first, its number after: an index on the column serves that.
    case "min":
    case "max":
      return category === "instant" ? `extract(epoch from ${metric}(${name}))` : `${metric}(${name})`
    case "mean":
      return `avg(${value})`
    case "stdev":
      return `stddev_samp(${value})`
    case "sum":
      return `sum(${value})`
    case "mean_length":
      return `avg(length(${name}::text))`
  }
}
