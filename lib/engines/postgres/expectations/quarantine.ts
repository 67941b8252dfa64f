import type pg from "pg"
import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import { isIdentifier, splitTableName } from "#lib/contracts/operators/identifier.ts"
import { AppError } from "#lib/domain/errors.ts"
import { lockCreation, readColumns } from "../catalog.ts"
import { quoteTable } from "../quote-identifier.ts"
import type { RowScope } from "../row-scope.ts"
import { Bindings } from "./bind.ts"
import { compile } from "./compile.ts"
import { failingRows } from "./samples.ts"
import type { TableFacts } from "./table-facts.ts"

export interface QuarantineLoad {
  scope: RowScope | null
  runId: string | null
  partitionKey: string | null
}

/** Where the failing rows of a table go. @throws AppError `pipeline.invalid` where its name leaves no room. */
export function quarantineTable(table: string): string {
  const { schema, name } = splitTableName(table)
  if (isIdentifier(`${name}__quarantine`)) return `${schema}.${name}__quarantine`
  const message = `The name of ${table} leaves no room for __quarantine; shorten it to set failing rows aside.`
  throw new AppError("pipeline.invalid", message, { kind: "config" })
}

/** Whether failing rows of the expectation can be told from others and taken away. */
export function canQuarantine(expectation: Expectation, facts: TableFacts): boolean {
  if (!facts.hasPlaces) return false
  const { kind } = compile(expectation, facts)
  return kind === "rows" || kind === "derived"
}

/**
 * Moves the rows that fail any of the expectations into `<table>__quarantine`, with the names of those that they fail, inside
 * the caller's transaction: those who read the table see all of it or nothing. A row that is there already, because it was
 * loaded again, is noted anew instead of twice. What an earlier load of the same partition left there is replaced.
 */
export async function quarantineRows(
  client: pg.ClientBase,
  facts: TableFacts,
  failed: readonly { expectation: Expectation; name: string }[],
  { scope, runId, partitionKey }: QuarantineLoad,
): Promise<number> {
  const side = quarantineTable(facts.table)
  if (!(await readColumns(client, side))) {
    await lockCreation(client, side)
    await client.query(
      `create table if not exists ${quoteTable(side)} (
         row_hash text primary key, reasons text[] not null, "row" jsonb not null, copies bigint not null,
         run_id bigint, partition_key text, quarantined_at timestamptz not null default now())`,
    )
  }
  if (partitionKey !== null) {
    await client.query(`delete from ${quoteTable(side)} where partition_key = $1`, [partitionKey])
  }
  const { bind, values } = new Bindings()
  const found = failed.map(({ expectation, name }) => {
    const plan = compile(expectation, facts)
    if (plan.kind !== "rows" && plan.kind !== "derived") throw new TypeError(`${expectation.type} fails no single rows`)
    const place = plan.kind === "rows" ? "t.ctid as place, t.tableoid as part" : "t._place as place, t._table as part"
    return `select ${place}, ${bind(name, "text")} as reason from ${failingRows(plan, expectation, facts, bind, scope)}`
  })
  const text = `with found as (
      select place, part, array_agg(distinct reason order by reason) as reasons
        from (${found.join(" union all ")}) as one
       group by place, part
    ), moved as (
      delete from ${facts.quoted} as t using found
       where t.ctid = found.place and t.tableoid = found.part
      returning to_jsonb(t) as "row", found.reasons
    ), kept as (
      insert into ${quoteTable(side)} as side (row_hash, reasons, "row", copies, run_id, partition_key)
      select md5("row"::text), max(reasons), "row", count(*), ${bind(runId, "bigint")}, ${bind(partitionKey, "text")}
        from moved group by "row"
      on conflict (row_hash) do update
        set reasons = excluded.reasons, copies = excluded.copies, run_id = excluded.run_id,
            partition_key = excluded.partition_key, quarantined_at = now()
    )
    select count(*) as moved from moved`
  const config = { text, values, queryMode: "extended" }
  const { rows } = await client.query<{ moved: string }>(config)
  return Number(rows[0]!.moved)
}
