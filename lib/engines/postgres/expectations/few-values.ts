import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import { columnsIn } from "./columns-in.ts"
import type { Plan } from "./plan.ts"
import type { FactColumn, TableFacts } from "./table-facts.ts"

/** Smaller tables are read in no time, however it is done. */
export const MIN_ROWS = 50_000
/** Combinations of values that a hash table is made of: it stays in the processor's cache, more or less. */
const MAX_GROUPS = 20_000
/** One lookup of a row's values must stand for several conditions to be worth it. */
const MIN_CONDITIONS = 4

interface Asked {
  expectation: Expectation
  plan: Plan
}

/**
 * Columns of few different values, by the planner's statistics, about which much is asked: rows are first counted by
 * their values, and conditions judged once for each combination instead of once for each row. None where that is not worth it.
 */
export function fewValued(asked: readonly Asked[], facts: TableFacts): FactColumn[] {
  if (facts.rows === null || facts.rows < MIN_ROWS) return []
  const conditions = new Map<string, number>()
  for (const one of asked) {
    for (const name of judgedColumns(one) ?? []) conditions.set(name, (conditions.get(name) ?? 0) + 1)
  }
  const candidates = facts.columns
    .filter(({ name, distinct }) => conditions.has(name) && distinct !== null && distinct <= MAX_GROUPS / 4)
    .toSorted((a, b) => conditions.get(b.name)! - conditions.get(a.name)! || a.distinct! - b.distinct!)
  const chosen: FactColumn[] = []
  let groups = 1
  for (const column of candidates) {
    if (groups * column.distinct! > MAX_GROUPS || conditions.get(column.name)! < 2) continue
    groups *= column.distinct!
    chosen.push(column)
  }
  const names = new Set(chosen.map(({ name }) => name))
  const saved = asked.filter((one) => judgedColumns(one)?.every((name) => names.has(name)) ?? false).length
  return saved >= MIN_CONDITIONS ? chosen : []
}

/** Columns that alone decide a condition; null where it is not about single rows, or holds SQL that may name others. */
export function judgedColumns({ expectation, plan }: Asked): string[] | null {
  if (plan.kind !== "rows" && plan.kind !== "groups") return null
  if (expectation.where !== undefined || expectation.type === "expect_rows_to_satisfy") return null
  // Its extremes cost less.
  if (plan.kind === "rows" && plan.extremes) return null
  const names = columnsIn(expectation)
  return names.length > 0 ? names : null
}

/** Conditions that cost more than finding a value in a hash table of some ten thousands. */
const DEAR = new Set<string>([
  "expect_column_values_to_match_regex",
  "expect_column_values_to_not_match_regex",
  "expect_column_values_to_match_regex_list",
  "expect_column_values_to_not_match_regex_list",
  "expect_column_values_to_match_strftime_format",
  "expect_column_values_to_be_dateutil_parseable",
  "expect_column_values_to_be_json_parseable",
])

/** Columns whose values repeat, and which conditions are asked of that cost much: each is judged by its values, too. */
export function repeated(asked: readonly Asked[], facts: TableFacts, taken: ReadonlySet<string>): FactColumn[] {
  const { rows } = facts
  if (rows === null || rows < MIN_ROWS) return []
  const dear = new Set(
    asked
      .filter((one) => DEAR.has(one.expectation.type) && judgedColumns(one)?.length === 1)
      .flatMap((one) => judgedColumns(one)!),
  )
  return facts.columns.filter(
    ({ name, distinct }) =>
      dear.has(name) && !taken.has(name) && distinct !== null && distinct < Math.min(rows / 5, 500_000),
  )
}
