import type pg from "pg"
import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import type { FailingRow } from "#lib/contracts/task-result.ts"
import { MASK } from "#lib/domain/mask.ts"
import { quoteIdentifier, quoteLiteral } from "../quote-identifier.ts"
import type { RowScope } from "../row-scope.ts"
import { Bindings } from "./bind.ts"
import { columnsIn } from "./columns-in.ts"
import { compile } from "./compile.ts"
import { scopedTo } from "./measure.ts"
import { both, type Plan } from "./plan.ts"
import { inReadOnly } from "./read-only.ts"
import type { TableFacts } from "./table-facts.ts"

/** Bounds of what is kept of failing rows: enough to see what is wrong, too little to be a copy of the data. */
const MAX_ROWS = 5
const MAX_COLUMNS = 8
const MAX_VALUE_LENGTH = 100

export interface SampleOptions {
  scope: RowScope | null
  /** Columns that tell rows apart, shown with each. */
  keys: readonly string[]
  isMasked: (column: string) => boolean
  isInTransaction: boolean
}

/**
 * A few of the rows that fail an expectation that counts rows: their keys and the values that it is about, as texts of bounded
 * length. Masked values do not leave the database. None of what cannot be read.
 */
export async function sampleFailing(
  client: pg.ClientBase,
  facts: TableFacts,
  expectation: Expectation,
  options: SampleOptions,
): Promise<FailingRow[]> {
  const plan = compile(expectation, facts)
  if (plan.kind !== "rows" && plan.kind !== "derived") return []
  const names = shownColumns(expectation, facts, options.keys)
  if (names.length === 0) return []
  const { bind, values } = new Bindings()
  const shown = names.map((name) => `${shownValue(name, options.isMasked(name))} as ${quoteIdentifier(name)}`)
  const text = `select ${shown.join(", ")} from ${failingRows(plan, expectation, facts, bind, options.scope)} limit ${MAX_ROWS}`
  return inReadOnly(client, options.isInTransaction, async () => {
    const config = { text, values, queryMode: "extended" }
    const { rows } = await client.query<FailingRow>(config)
    return rows
  })
}

/** `from … where …` of the failing rows, by the alias `t`. */
export function failingRows(
  plan: Extract<Plan, { kind: "rows" | "derived" }>,
  { where }: Expectation,
  facts: TableFacts,
  bind: Bindings["bind"],
  scope: RowScope | null,
): string {
  const scoped = scopedTo(scope, facts)
  if (plan.kind === "derived") {
    return `${plan.source(bind, scoped)} as t where ${both(plan.looked, plan.failing(bind))}`
  }
  const condition = both(scoped(bind), where === undefined ? null : `(${where}\n)`, `(${plan.failing(bind)})`)
  return `${facts.quoted} as t where ${condition}`
}

function shownValue(name: string, isMasked: boolean): string {
  const value = `t.${quoteIdentifier(name)}`
  if (isMasked) return `case when ${value} is not null then ${quoteLiteral(MASK)} end`
  return `left(${value}::text, ${MAX_VALUE_LENGTH})`
}

function shownColumns(
  expectation: Expectation,
  { columns, primaryKey }: TableFacts,
  keys: readonly string[],
): string[] {
  const known = new Set(columns.map(({ name }) => name))
  const wanted = [...(keys.length > 0 ? keys : (primaryKey ?? [])), ...columnsIn(expectation)]
  // Of a condition it is not known what it is about: the first columns say most.
  const chosen = wanted.length > 0 || expectation.type !== "expect_rows_to_satisfy" ? wanted : [...known]
  return [...new Set(chosen)].filter((name) => known.has(name)).slice(0, MAX_COLUMNS)
}
