import type pg from "pg"
import type { ColumnProfile, ProfileKind } from "#lib/contracts/api/profiles.ts"
import { AppError } from "#lib/domain/errors.ts"
import { estimateDistinct } from "#lib/domain/profile/estimate-distinct.ts"
import { inReadOnly } from "../expectations/read-only.ts"
import { type FactColumn, readTableFacts, type TableFacts } from "../expectations/table-facts.ts"
import { quoteIdentifier } from "../quote-identifier.ts"
import { columnProfileSql } from "./column-profile-sql.ts"
import { planSample, type SamplePlan } from "./plan-sample.ts"

export interface ProfileRequest {
  /** `schema.name`. */
  table: string
  /** Rows to look at; null for all of them. */
  sample: number | null
  isMasked(column: string): boolean
  /** For each statement. */
  timeoutMs: number
}

/** What a table's values look like. */
export interface ProfiledTable {
  method: SamplePlan["method"]
  rowsRead: number
  rowsTotal: number | null
  isTotalExact: boolean
  columnsTotal: number
  columns: ColumnProfile[]
}

/** A statement over more would take the planner long; such tables are rare. */
export const MAX_PROFILED_COLUMNS = 200
const LOCK_TIMEOUT_MS = 2_000

/**
 * Profiles a table or view: read once, in one read-only statement, or a bounded sample of it. What is kept meanwhile (the rows
 * and the counts of their values) goes to temporary files beyond the server's `work_mem`.
 * @throws AppError `dataset.not_found`; driver errors as they are.
 */
export async function profileTable(client: pg.ClientBase, request: ProfileRequest): Promise<ProfiledTable> {
  return inReadOnly(client, false, async () => {
    await client.query("select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)", [
      String(request.timeoutMs),
      String(LOCK_TIMEOUT_MS),
    ])
    const facts = await readTableFacts(client, request.table)
    if (!facts) {
      const message = `The warehouse has no table ${request.table} yet; run what builds it.`
      throw new AppError("dataset.not_found", message, { kind: "config" })
    }
    const plan = await planSample(client, facts, request.sample)
    return readProfile(client, facts, plan, request)
  })
}

async function readProfile(
  client: pg.ClientBase,
  facts: TableFacts,
  plan: SamplePlan,
  { isMasked }: ProfileRequest,
): Promise<ProfiledTable> {
  const columns = facts.columns.slice(0, MAX_PROFILED_COLUMNS).map((column, index) => {
    const kind = kindOf(column)
    return { column, alias: `c${index}`, kind, isMasked: isMasked(column.name) }
  })
  const list = columns.map(({ column, alias, kind }) => `${valueSql(column, kind)} as ${alias}`)
  const parts = columns.map((each, index) => `select ${index} as place, (${columnProfileSql(each)}) as found`)
  const { rows } = await client.query<{ place: number; found: FoundColumn }>(
    `with rows as materialized (select ${["1 as is_row", ...list].join(", ")} from ${plan.source})
     select -1 as place, jsonb_build_object('filled', count(*)) as found from rows
     ${parts.map((part) => `union all ${part}`).join("\n")}`,
    plan.values,
  )
  const found = new Map(rows.map(({ place, found }) => [place, found]))
  const rowsRead = found.get(-1)!.filled
  // What ended before its limit was read to the end.
  const isWhole = plan.method === "all" || (plan.method === "first" && rowsRead < plan.limit!)
  const rowsTotal = isWhole ? rowsRead : plan.total === null ? null : Math.max(plan.total, rowsRead)
  return {
    method: isWhole ? "all" : plan.method,
    rowsRead,
    rowsTotal,
    isTotalExact: isWhole || plan.isTotalExact,
    columnsTotal: facts.columns.length,
    columns: columns.map(({ column, kind, isMasked }, index) => {
      const total = isWhole ? null : rowsTotal
      return toProfile({ name: column.name, type: column.type, kind, isMasked }, found.get(index)!, rowsRead, total)
    }),
  }
}

interface FoundColumn {
  filled: number
  distinct: number
  once: number
  empty?: number | null
  placed?: number
  smallest?: string | null
  largest?: string | null
  measures?: ColumnProfile["measures"]
  top?: ColumnProfile["top"]
}

/** `total`: rows of the table that was sampled; null where all were read, or nobody knows. */
function toProfile(
  named: Pick<ColumnProfile, "name" | "type" | "kind" | "isMasked">,
  found: FoundColumn,
  rowsRead: number,
  total: number | null,
): ColumnProfile {
  const { filled, distinct, once } = found
  const isMeasured = named.kind !== "boolean" && named.kind !== "other" && !named.isMasked
  return {
    ...named,
    nulls: rowsRead - filled,
    distinct,
    once,
    distinctEstimate:
      total === null || rowsRead === 0
        ? null
        : estimateDistinct({ filled, distinct, once }, Math.round((total * filled) / rowsRead)),
    empty: found.empty ?? null,
    unmeasured: isMeasured ? filled - (found.placed ?? 0) : 0,
    smallest: found.smallest ?? null,
    largest: found.largest ?? null,
    measures: found.measures ?? null,
    top: found.top ?? [],
  }
}

const NUMBERS = new Set(["smallint", "integer", "bigint", "numeric", "real", "double precision"])
const TIMES = new Set(["date", "timestamp without time zone", "timestamp with time zone"])

function kindOf({ baseType, category }: FactColumn): ProfileKind {
  if (NUMBERS.has(baseType)) return "number"
  if (TIMES.has(baseType)) return "time"
  if (baseType === "boolean") return "boolean"
  return category === "S" || category === "E" ? "text" : "other"
}

/** Not every type can be grouped (json), but every one has a text. Domains are taken for what they are made of. */
function valueSql({ name, baseType }: FactColumn, kind: ProfileKind): string {
  const cast = kind === "text" || kind === "other" ? "text" : baseType
  return `${quoteIdentifier(name)}::${cast}`
}
