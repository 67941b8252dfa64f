import type pg from "pg"
import type { Check, CheckMeasure } from "#lib/contracts/operators/checks.ts"
import { quoteIdentifier, quoteList, quoteTable } from "./quote-identifier.ts"

/**
 * Rows of a table that are one partition: by a half-open range of one column, by the value of another, or by both. Values are
 * bound as those of the column's type.
 */
export interface RowScope {
  range: RowRange | null
  key: { column: string; value: string } | null
}
export interface RowRange {
  column: string
  from: string
  to: string
}

/** What is true of the scope's rows; `bind` gives the place of a value in the statement. */
export function scopeConditions({ range, key }: RowScope, bind: (value: string) => string): string[] {
  const conditions: string[] = []
  if (range) {
    const column = quoteIdentifier(range.column)
    conditions.push(`${column} >= ${bind(range.from)}`, `${column} < ${bind(range.to)}`)
  }
  if (key) conditions.push(`${quoteIdentifier(key.column)} = ${bind(key.value)}`)
  return conditions
}

/**
 * Measures all checks of a table in one scan; each uniqueness check needs a grouping of its own besides. In the same
 * order as `checks`. With a scope, only its rows are looked at.
 */
export async function measureChecks(
  client: pg.ClientBase,
  table: string,
  checks: readonly Check[],
  scope: RowScope | null = null,
): Promise<CheckMeasure[]> {
  const scanned = await scan(client, table, checks, scope)
  const measures: CheckMeasure[] = []
  for (const [index, check] of checks.entries()) {
    measures.push(
      check.kind === "unique" ? await group(client, table, check, scope) : readMeasure(check, index, scanned),
    )
  }
  return measures
}

type Row = Record<string, string | null>

/** `rows` counts all rows; the check at index i owns the columns n_i, f_i, min_i, max_i and age_i that it needs. */
async function scan(
  client: pg.ClientBase,
  table: string,
  checks: readonly Check[],
  scope: RowScope | null,
): Promise<Row> {
  const values = new Values()
  const columns = checks.flatMap((check, index) => aggregates(check, index, values))
  const text = `select ${["count(*) as rows", ...columns].join(", ")} from ${quoteTable(table)}${where(scope, values)}`
  return query(client, text, values)
}

function aggregates(check: Check, index: number, values: Values): string[] {
  if (check.kind === "row_count" || check.kind === "unique") return []
  const column = quoteIdentifier(check.column)
  if (check.kind === "freshness") {
    return [
      `max(${column})::text as max_${index}`,
      `extract(epoch from now() - max(${column})::timestamptz) * 1000 as age_${index}`,
    ]
  }
  const narrowed = check.where ? `(${check.where}\n) and ` : ""
  const counts = [
    `count(*) filter (where ${check.where ? `(${check.where}\n)` : "true"}) as n_${index}`,
    `count(*) filter (where ${narrowed}${failing(check, column, values)}) as f_${index}`,
  ]
  if (check.kind !== "between") return counts
  return [...counts, `min(${column})::text as min_${index}`, `max(${column})::text as max_${index}`]
}

type RowCheck = Exclude<Check, { kind: "row_count" | "freshness" | "unique" }>

/** Condition that is true for a failing row. For a null it is null, which the filter takes for false. */
function failing(check: RowCheck, column: string, values: Values): string {
  switch (check.kind) {
    case "not_null":
      return `${column} is null`
    case "accepted_values":
      return `${column} <> all (${values.add(check.values)})`
    case "matches":
      return `${column}::text !~ ${values.add(check.pattern)}`
    case "between": {
      const bounds = [
        ...(check.min === undefined ? [] : [`${column} < ${values.add(check.min)}`]),
        ...(check.max === undefined ? [] : [`${column} > ${values.add(check.max)}`]),
      ]
      return `(${bounds.join(" or ")})`
    }
  }
}

function readMeasure(check: Check, index: number, row: Row): CheckMeasure {
  const rows = Number(row.rows)
  if (check.kind === "row_count") return { rowsChecked: rows, rowsFailed: 0 }
  if (check.kind === "freshness") {
    const age = row[`age_${index}`]
    return {
      rowsChecked: rows,
      rowsFailed: 0,
      newest: row[`max_${index}`] ?? null,
      ageMs: age === null || age === undefined ? null : Math.round(Number(age)),
    }
  }
  const counts = { rowsChecked: Number(row[`n_${index}`]), rowsFailed: Number(row[`f_${index}`]) }
  if (check.kind !== "between") return counts
  return { ...counts, smallest: row[`min_${index}`] ?? null, largest: row[`max_${index}`] ?? null }
}

/** Rows that share their values with another; rows with a null in one of the columns are not compared. */
async function group(
  client: pg.ClientBase,
  table: string,
  check: Extract<Check, { kind: "unique" }>,
  scope: RowScope | null,
): Promise<CheckMeasure> {
  const values = new Values()
  const conditions = check.columns.map((column) => `${quoteIdentifier(column)} is not null`)
  if (check.where) conditions.push(`(${check.where}\n)`)
  const text = `select coalesce(sum(n), 0) as n, coalesce(sum(n) filter (where n > 1), 0) as f
       from (select count(*) as n from ${quoteTable(table)}${where(scope, values, conditions)}
              group by ${quoteList(check.columns)}) as groups`
  const row = await query(client, text, values)
  return { rowsChecked: Number(row.n), rowsFailed: Number(row.f) }
}

function where(scope: RowScope | null, values: Values, conditions: readonly string[] = []): string {
  const all = [...(scope ? scopeConditions(scope, (value) => values.add(value)) : []), ...conditions]
  return all.length > 0 ? ` where ${all.join(" and ")}` : ""
}

/** The extended protocol even without values: it takes one statement only, whatever a condition contains. */
async function query(client: pg.ClientBase, text: string, values: Values): Promise<Row> {
  const config = { text, values: values.list, queryMode: "extended" }
  const { rows } = await client.query<Row>(config)
  return rows[0]!
}

/** Collects bound values while SQL is written. */
class Values {
  readonly list: unknown[] = []

  add(value: unknown): string {
    return `$${this.list.push(value)}`
  }
}
