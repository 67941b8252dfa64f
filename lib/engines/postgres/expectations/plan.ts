import type { Json } from "#lib/contracts/json.ts"
import type { Bind } from "./bind.ts"
import type { FactColumn, TableFacts } from "./table-facts.ts"

/** What plans are made from. Rows go by the alias `t` in every expression. */
export interface PlanContext {
  facts: TableFacts
  /** @throws InvalidExpectation where the table has no such column. */
  column(name: string): FactColumn
  /** Condition of the author on rows, in brackets; null where there is none. */
  where: string | null
}

/** Text of a condition on the rows to look at, such as those of a partition; `true` for all. */
export type Scoped = (bind: Bind) => string

/** How an expectation is computed. */
export type Plan =
  /** The catalog knows. */
  | { kind: "known"; ok: boolean; observed: Json }
  /** Rows that fail a condition, counted in the one scan of the table. */
  | {
      kind: "rows"
      /** Rows that it looks at; null for all. */
      looked(bind: Bind): string | null
      /** True for a failing row, false or null for others. */
      failing(bind: Bind): string
      /** Aggregate that is false or null where no row fails: cheaper than to look at each. */
      extremes?(bind: Bind): string
    }
  /** As `rows`, of a query that knows more than the row: what stands before it, or in another table. */
  | {
      kind: "derived"
      /** FROM item that yields the rows with all columns, `_place` (ctid) and `_table` (tableoid), and whatever `failing` needs. */
      source(bind: Bind, scoped: Scoped): string
      looked: string | null
      failing(bind: Bind): string
      /** Cheaper way to the two counts: a query that yields `n` and `f`. */
      counts?(bind: Bind, scoped: Scoped): string
      /** Cheaper still, where `f` is 0 in it: then nothing fails. */
      first?(bind: Bind, scoped: Scoped): string
    }
  /** Figures about all rows, in the one scan of the table. */
  | {
      kind: "scan"
      looked(bind: Bind): string | null
      observed(bind: Bind): string
      ok(bind: Bind): string
      /** Needs its values sorted, which a scan of several processes cannot do. */
      isSorted?: boolean
      /** Judged even where there are no rows. */
      countsNothing?: boolean
      /** What was observed is a value of the column. */
      showsValue?: boolean
    }
  /** Figures about the groups of equal values: `g.k1` …, `g.n`. Plans with the same columns share one grouping. */
  | {
      kind: "groups"
      columns: FactColumn[]
      observed(bind: Bind): string
      ok(bind: Bind): string
    }
  /** A query of its own that yields one row: `n`, `f`, `observed`, `ok`. */
  | {
      kind: "query"
      text(bind: Bind, scoped: Scoped): string
      countsNothing?: boolean
      showsValue?: boolean
    }

/** Condition of two, either of which may be absent. */
export function both(...conditions: (string | null)[]): string | null {
  const present = conditions.filter((condition) => condition !== null)
  return present.length === 0 ? null : present.join(" and ")
}

/** ` filter (where …)`, or nothing. */
export function filter(condition: string | null): string {
  return condition === null ? "" : ` filter (where ${condition})`
}
