import type pg from "pg"
import { AppError } from "#lib/domain/errors.ts"
import { resolveType } from "./catalog.ts"
import { quoteIdentifier, quoteList, quoteLiteral } from "./quote-identifier.ts"
import type { RowRange, RowScope } from "./row-scope.ts"

/**
 * Rows on their way into a partition, as text, so that one that does not fit its types is set aside with a reason instead
 * of breaking the load. Lives in the session (`pg_temp`) and holds `_headrace_line` (position from 1), `_headrace_reason`
 * (null: good so far), `_headrace_raw` (the row as JSON, where it is rejected before it has columns) and the columns.
 */
export const STAGE = "pg_temp.headrace_stage"

export interface StageColumn {
  name: string
  /** Type as the catalog spells it. */
  type: string
  isArray: boolean
}

/**
 * The declared columns with their types looked up in the catalog, which also makes them safe to put into SQL.
 *
 * @throws AppError `pipeline.invalid` naming a column whose type does not exist.
 */
export async function resolveColumns(client: pg.ClientBase, columns: Record<string, string>): Promise<StageColumn[]> {
  const resolved: StageColumn[] = []
  for (const [name, declared] of Object.entries(columns)) {
    const type = await resolveType(client, declared).catch(() => null)
    if (!type) {
      const message = `Column "${name}" has the type "${declared}", which the warehouse does not know; correct it.`
      throw new AppError("pipeline.invalid", message, { kind: "config" })
    }
    resolved.push({ name, type, isArray: type.endsWith("[]") })
  }
  return resolved
}

export async function createStage(client: pg.ClientBase, columns: readonly StageColumn[]): Promise<void> {
  const texts = columns.map(({ name }) => `${quoteIdentifier(name)} text`)
  await client.query(
    `create temporary table headrace_stage
       (_headrace_line bigint, _headrace_reason text, _headrace_raw text, ${texts.join(", ")})`,
  )
}

export function stageCopyStatement(columns: readonly StageColumn[]): string {
  const names = ["_headrace_line", "_headrace_reason", "_headrace_raw", ...columns.map(({ name }) => name)]
  return `copy ${STAGE} (${quoteList(names)}) from stdin`
}

/**
 * Gives every staged row that cannot be loaded its reason: a value that is not one of its column's type, a null key, a
 * place outside the partition. Returns how many rows there are and how many are rejected.
 */
export async function judgeStage(
  client: pg.ClientBase,
  columns: readonly StageColumn[],
  keys: readonly string[],
  scope: RowScope | null,
): Promise<{ staged: number; rejected: number }> {
  const reasons = [
    ...columns.filter(({ type }) => type !== "text").map(invalidValue),
    ...keys.map((key) => `when ${quoteIdentifier(key)} is null then ${quoteLiteral(`key "${key}" is null`)}`),
    ...(scope?.range ? [outsideRange(columns, scope.range)] : []),
    ...(scope?.key ? [ofAnotherKey(columns, scope.key)] : []),
  ]
  if (reasons.length > 0) {
    await client.query(
      `update ${STAGE} as s set _headrace_reason = judged.reason
         from (select ctid as place, case ${reasons.join(" ")} end as reason from ${STAGE}
                where _headrace_reason is null) as judged
        where s.ctid = judged.place and judged.reason is not null`,
    )
  }
  const { rows } = await client.query<{ staged: string; rejected: string }>(
    `select count(*) as staged, count(_headrace_reason) as rejected from ${STAGE}`,
  )
  return { staged: Number(rows[0]!.staged), rejected: Number(rows[0]!.rejected) }
}

function invalidValue({ name, type }: StageColumn): string {
  const column = quoteIdentifier(name)
  const reason = quoteLiteral(`column "${name}" is no valid ${type}`)
  return `when ${column} is not null and not pg_input_is_valid(${column}, ${quoteLiteral(type)}) then ${reason}`
}

/** Stands after the type checks: CASE evaluates in order, so the cast cannot fail. */
function outsideRange(columns: readonly StageColumn[], range: RowRange): string {
  const type = columns.find(({ name }) => name === range.column)!.type
  const value = `${quoteIdentifier(range.column)}::${type}`
  const bounds = [range.from, range.to].map((bound) => `${quoteLiteral(bound)}::timestamptz::${type}`)
  const reason = quoteLiteral(`column "${range.column}" lies outside the partition`)
  return `when (${value} >= ${bounds[0]} and ${value} < ${bounds[1]}) is not true then ${reason}`
}

function ofAnotherKey(columns: readonly StageColumn[], key: NonNullable<RowScope["key"]>): string {
  const type = columns.find(({ name }) => name === key.column)!.type
  const value = `${quoteIdentifier(key.column)}::${type}`
  const reason = quoteLiteral(`column "${key.column}" is not ${key.value}`)
  return `when (${value} = ${quoteLiteral(key.value)}::${type}) is not true then ${reason}`
}

/** Reasons of the first rejected rows, for an error's message. */
export async function firstReasons(client: pg.ClientBase, limit: number): Promise<string[]> {
  const { rows } = await client.query<{ line: string; reason: string }>(
    `select _headrace_line as line, _headrace_reason as reason from ${STAGE}
      where _headrace_reason is not null order by _headrace_line limit $1`,
    [limit],
  )
  return rows.map(({ line, reason }) => `row ${line}: ${reason}`)
}
