import type { ExpectationOf, ExpectationType } from "#lib/contracts/expectations/registry.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { quoteIdentifier, quoteTable } from "../quote-identifier.ts"
import type { Bind } from "./bind.ts"
import { InvalidExpectation } from "./invalid-expectation.ts"
import { both, filter, type Plan, type PlanContext } from "./plan.ts"
import { insideRange, isTime } from "./typed-values.ts"
import { valueText } from "./value-plans.ts"

type Planner<Type extends ExpectationType> = (options: ExpectationOf<Type>, context: PlanContext) => Plan

/** A table as a whole, and what it has to do with others. */
export const TABLE_PLANS = {
  expect_column_to_exist: (options, { facts }) => {
    const place = facts.columns.findIndex(({ name }) => name === options.column)
    const isThere = place !== -1
    return {
      kind: "known",
      ok: isThere && (options.column_index === undefined || options.column_index === place),
      observed: isThere ? { column_index: place } : { column_index: null },
    }
  },
  expect_table_columns_to_match_set: (options, { facts }) => {
    const names = facts.columns.map(({ name }) => name)
    const missing = [...new Set(options.column_set)].filter((name) => !names.includes(name))
    const unexpected = options.exact_match ? names.filter((name) => !options.column_set.includes(name)) : []
    return { kind: "known", ok: missing.length + unexpected.length === 0, observed: { missing, unexpected } }
  },
  expect_table_columns_to_match_ordered_list: (options, { facts }) => {
    const names = facts.columns.map(({ name }) => name)
    const ok =
      names.length === options.column_list.length && names.every((name, at) => name === options.column_list[at])
    return { kind: "known", ok, observed: names }
  },
  expect_table_column_count_to_equal: (options, { facts }) => ({
    kind: "known",
    ok: facts.columns.length === options.value,
    observed: facts.columns.length,
  }),
  expect_table_column_count_to_be_between: (options, { facts }) => ({
    kind: "known",
    ok: facts.columns.length >= (options.min_value ?? 0) && facts.columns.length <= (options.max_value ?? Infinity),
    observed: facts.columns.length,
  }),
  expect_table_row_count_to_be_between: (options, context) =>
    rowCount(context, (count) => (bind) => insideRange(bind, count, options)),
  expect_table_row_count_to_equal: (options, context) =>
    rowCount(context, (count) => (bind) => `${count} = ${bind(String(options.value), "bigint")}`),
  expect_table_row_count_to_equal_other_table: (options, context) => {
    const other = `(select count(*) from ${quoteTable(options.other_table_name)} as o${options.other_where ? ` where (${options.other_where}\n)` : ""})`
    const count = `count(*)${filter(context.where)}`
    return {
      kind: "scan",
      countsNothing: true,
      looked: () => context.where,
      observed: () => `json_build_object('rows', ${count}, 'other', ${other})`,
      ok: () => `${count} = ${other}`,
    }
  },
  expect_table_to_be_fresh: (options, context) => {
    const column = context.column(options.column)
    if (!isTime(column)) throw new InvalidExpectation(`${column.name} is of type ${column.type}, which is no time`)
    const value = valueText(column)
    const newest = `max(${value}) filter (where ${both(context.where, `isfinite(${value})`)})`
    const isZoned = column.baseType === "timestamp with time zone"
    const zoned = (bind: Bind) =>
      isZoned ? `(${newest})` : `((${newest})::timestamp at time zone ${bind(options.timezone, "text")})`
    return {
      kind: "scan",
      countsNothing: true,
      looked: () => context.where,
      observed: (bind) => {
        const at = zoned(bind)
        return `case when ${newest} is not null then json_build_object('newest', ${at} at time zone 'UTC', 'ageSeconds', round(extract(epoch from now() - ${at}))) end`
      },
      ok: (bind) => {
        const seconds = (parseDuration(options.max_age) ?? 0) / 1_000
        return `extract(epoch from now() - ${zoned(bind)}) <= ${bind(seconds, "float8")}`
      },
    }
  },
  unexpected_rows_expectation: (options, context) => ({
    kind: "query",
    countsNothing: true,
    text: (bind, scoped) => {
      const batch = `(select * from ${context.facts.quoted} as t where ${both(scoped(bind), context.where)})`
      const query = options.unexpected_rows_query.replace(/;\s*$/, "")
      const text = query.includes("{batch}") ? withBatch(query, batch) : query
      return `select 0 as n, count(*) as f, to_json(count(*)) as observed, count(*) = 0 as ok from (${text}\n) as found`
    },
  }),
  expect_aggregate_to_equal_other_table: (options, context) => {
    const { facts, where } = context
    const own = options.column === undefined ? "*" : valueText(context.column(options.column))
    const otherName = options.other_column ?? options.column
    const there = otherName === undefined ? "*" : `o.${quoteIdentifier(otherName)}`
    const keys = (options.group_by ?? []).map((name) => {
      context.column(name)
      return quoteIdentifier(name)
    })
    const list = (alias: string) => keys.map((key, at) => `${alias}.${key} as k${at}, `).join("")
    const group = keys.length > 0 ? ` group by ${keys.map((_, at) => at + 1).join(", ")}` : ""
    return {
      kind: "query",
      countsNothing: true,
      text: (bind, scoped) => {
        const isExact = options.tolerance === 0 && options.absolute_tolerance === 0
        const within = () =>
          `abs(a - b) <= ${bind(options.absolute_tolerance, "float8")} + ${bind(options.tolerance, "float8")} * abs(b)`
        const holds = isExact
          ? "a is not distinct from b"
          : `(a is not distinct from b or coalesce(${within()}, false))`
        const here = `select ${list("t")}${call(options.aggregate, own)} as a from ${facts.quoted} as t where ${both(scoped(bind), where)}${group}`
        const other = `select ${list("o")}${call(options.aggregate, there)} as b from ${quoteTable(options.other_table)} as o${options.other_where ? ` where (${options.other_where}\n)` : ""}${group}`
        if (keys.length === 0) {
          return `select 0 as n, 0 as f, json_build_object('here', a::text, 'there', b::text) as observed,
                         ${holds} as ok from (${here}) as one cross join (${other}) as two`
        }
        // Not a full join: groups whose key is null have a partner, too.
        const names = keys.map((_, at) => `k${at}`).join(", ")
        return `with one as (${here}), two as (${other}), compared as (
                  select max(a) as a, max(b) as b
                    from (select ${names}, a, null as b from one union all select ${names}, null, b from two) as sides
                   group by ${names})
                select count(*) as n, count(*) filter (where not ${holds}) as f,
                       to_json(count(*) filter (where not ${holds})) as observed,
                       count(*) filter (where not ${holds}) = 0 as ok from compared`
      },
    }
  },
} satisfies { [Type in ExpectationType]?: Planner<Type> }

function rowCount(context: PlanContext, holds: (count: string) => (bind: Bind) => string): Plan {
  const count = `count(*)${filter(context.where)}`
  return {
    kind: "scan",
    countsNothing: true,
    looked: () => context.where,
    observed: () => `to_json(${count})`,
    ok: (bind) => holds(count)(bind),
  }
}

function call(aggregate: string, value: string): string {
  return aggregate === "count_distinct" ? `count(distinct ${value})` : `${aggregate}(${value})`
}

/** `from {batch}` gets a name of its own, unless the author gave it one. */
function withBatch(query: string, batch: string): string {
  return query.replace(/\{batch\}(\s+(?:as\s+)?[a-z_]\w*)?/gi, (_, alias: string | undefined) => {
    const word = alias?.trim().split(/\s+/).at(-1)?.toLowerCase()
    const isName = word !== undefined && !KEYWORDS.has(word)
    return isName ? `${batch}${alias}` : `${batch} as batch${alias ?? ""}`
  })
}

/** What may stand behind a table in a query besides its name. */
const KEYWORDS = new Set([
  ...["where", "group", "order", "having", "limit", "offset", "fetch", "union", "except", "intersect", "join", "left"],
  ...["right", "full", "inner", "cross", "natural", "on", "using", "window", "for", "tablesample"],
])
