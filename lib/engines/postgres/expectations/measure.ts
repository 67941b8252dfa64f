import pg from "pg"
import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import type { Json } from "#lib/contracts/json.ts"
import { quoteIdentifier } from "../quote-identifier.ts"
import type { RowRange, RowScope } from "../row-scope.ts"
import { isTransientState } from "../translate-error.ts"
import { type Bind, Bindings } from "./bind.ts"
import { compile } from "./compile.ts"
import { fewValued, judgedColumns, repeated } from "./few-values.ts"
import { InvalidExpectation } from "./invalid-expectation.ts"
import { both, filter, type Plan, type Scoped } from "./plan.ts"
import { inReadOnly } from "./read-only.ts"
import { countedRows, countOf, fromBoolean, fromJson, type Row, SelectList } from "./select-list.ts"
import { type FactColumn, readTableFacts, type TableFacts } from "./table-facts.ts"
import { valueText } from "./value-plans.ts"

/** What was found about one expectation; `lib/quality` judges it. */
export interface Measure {
  /** Rows that were looked at: those that `where` lets through and whose values are not missing. */
  rowsChecked: number
  /** Of expectations that count rows. */
  rowsFailed: number
  /** Of expectations about a column or table: what was observed, and whether it is as expected; null: nothing to observe. */
  observed: Json
  ok: boolean | null
  /** It says something even where there are no rows. */
  countsNothing: boolean
  /** What was observed is a value of the column, which may have to be masked. */
  showsValue: boolean
  /** Why it could not be computed. */
  problem: string | null
}

export interface Measured {
  facts: TableFacts | null
  measures: Measure[]
  /** Statements that were sent; what is not shared costs one each. */
  statements: number
}

/**
 * Measures expectations about a table, in their order, with as few statements as possible: all that look at rows or at figures
 * of a column share one scan; figures about equal values share a grouping for each list of columns. What needs more has a
 * statement of its own. Nothing that an expectation contains can write. One that cannot be computed says why and leaves the
 * others alone. With a scope, only its rows are looked at.
 *
 * In a transaction of the caller's it sees what that has written so far; without one, all statements see the same rows.
 */
export async function measureExpectations(
  client: pg.ClientBase,
  table: string,
  expectations: readonly Expectation[],
  options: { scope?: RowScope | null; isInTransaction: boolean },
): Promise<Measured> {
  return inReadOnly(client, options.isInTransaction, async () => {
    const facts = await readTableFacts(client, table)
    if (!facts)
      return { facts, measures: expectations.map(() => withProblem(`there is no table ${table}`)), statements: 0 }
    const asked = expectations.map((expectation) => ask(expectation, facts))
    const run = new Run(client, facts, scopedTo(options.scope ?? null, facts))
    const few = fewValued(asked, facts)
    const names = new Set(few.map(({ name }) => name))
    for (const column of repeated(asked, facts, names)) {
      await run.byValues(
        asked.filter((one) => isOpen(one) && isRows(one) && judgedBy(one, new Set([column.name]))),
        [column],
      )
    }
    await run.byValues(
      asked.filter((one) => isOpen(one) && judgedBy(one, names)),
      few,
    )
    await run.scan(asked.filter((one) => isOpen(one) && !isSorted(one.plan) && isScanned(one.plan)))
    // Some of those that were to be settled by the extremes of their column: now they are counted.
    await run.scan(asked.filter((one) => isOpen(one) && one.isCounted === true))
    await run.scan(asked.filter((one) => isOpen(one) && isSorted(one.plan)))
    for (const group of groupsOf(asked)) await run.group(group)
    for (const one of asked) if (!one.measure) await run.single(one)
    return { facts, measures: asked.map(({ measure }) => measure!), statements: run.statements }
  })
}

/** Condition on the rows of a scope. @throws InvalidExpectation where the table lacks its columns. */
export function scopedTo(scope: RowScope | null, facts: TableFacts): Scoped {
  if (!scope) return () => "true"
  return (bind) => {
    const typed = [
      ...(scope.range ? [rangeCondition(scope.range, facts, bind)] : []),
      ...(scope.key
        ? [`t.${quoteIdentifier(scope.key.column)} = ${bind(scope.key.value, typeOf(facts, scope.key.column))}`]
        : []),
    ]
    return typed.join(" and ") || "true"
  }
}

function rangeCondition({ column, from, to }: RowRange, facts: TableFacts, bind: Bind): string {
  const [value, type] = [`t.${quoteIdentifier(column)}`, typeOf(facts, column)]
  return `${value} >= ${bind(from, type)} and ${value} < ${bind(to, type)}`
}

function typeOf({ table, columns }: TableFacts, name: string): string {
  const type = columns.find((column) => column.name === name)?.type
  if (!type) throw new InvalidExpectation(`${table} has no column "${name}", which tells its partitions apart`)
  return type
}

interface Asked {
  expectation: Expectation
  plan: Plan
  measure: Measure | null
  /** Its column's extremes have said that there are failing rows. */
  isCounted?: boolean
}

function ask(expectation: Expectation, facts: TableFacts): Asked {
  try {
    const plan = compile(expectation, facts)
    tryWriting(plan)
    const measure =
      plan.kind === "known" ? { ...EMPTY, ok: plan.ok, observed: plan.observed, countsNothing: true } : null
    return { expectation, plan, measure }
  } catch (error) {
    if (!(error instanceof InvalidExpectation)) throw error
    return { expectation, plan: { kind: "known", ok: false, observed: null }, measure: withProblem(error.message) }
  }
}

/** Values that do not fit a column are found when its SQL is written, which must not happen amid others'. */
function tryWriting(plan: Plan): void {
  const { bind } = new Bindings()
  if (plan.kind === "rows" || plan.kind === "derived") plan.failing(bind)
  else if (plan.kind === "scan" || plan.kind === "groups") plan.ok(bind)
  else if (plan.kind === "query") plan.text(bind, () => "true")
}

const EMPTY: Measure = {
  rowsChecked: 0,
  rowsFailed: 0,
  observed: null,
  ok: null,
  countsNothing: false,
  showsValue: false,
  problem: null,
}

function withProblem(problem: string): Measure {
  return { ...EMPTY, problem }
}

function isOpen({ measure }: Asked): boolean {
  return measure === null
}

function isRows({ plan }: Asked): boolean {
  return plan.kind === "rows"
}

/** Its condition is decided by these columns alone. */
function judgedBy(one: Asked, names: ReadonlySet<string>): boolean {
  return judgedColumns(one)?.every((name) => names.has(name)) ?? false
}

function isScanned(plan: Plan): boolean {
  return plan.kind === "rows" || plan.kind === "scan"
}

function isSorted(plan: Plan): boolean {
  return plan.kind === "scan" && plan.isSorted === true
}

/** Those that can share a grouping: of the same columns and the same condition. */
function groupsOf(asked: readonly Asked[]): Asked[][] {
  const groups = asked.filter((one) => !one.measure && one.plan.kind === "groups")
  const keyOf = ({ plan, expectation }: Asked) =>
    JSON.stringify([plan.kind === "groups" && plan.columns.map(({ name }) => name), expectation.where])
  return [...Map.groupBy(groups, keyOf).values()]
}

class Run {
  statements = 0
  readonly #client: pg.ClientBase
  readonly #facts: TableFacts
  readonly #scoped: Scoped

  constructor(client: pg.ClientBase, facts: TableFacts, scoped: Scoped) {
    this.#client = client
    this.#facts = facts
    this.#scoped = scoped
  }

  /** One scan for all of them. */
  async scan(asked: readonly Asked[]): Promise<void> {
    if (asked.length === 0) return
    await this.#together(asked, (some) => {
      const { bind, values } = new Bindings()
      const list = new SelectList()
      const readers = some.map((one) => scanReader(one, list, bind))
      const text = `select ${list.text} from ${this.#facts.quoted} as t where ${this.#scoped(bind)}`
      return { text, values, read: (row) => readers.map((read) => read(row)) }
    })
  }

  /**
   * As {@link scan}, of conditions that the columns decide and of groupings by one of them: rows are counted by the values of the
   * columns first, and the rest is judged on these counts.
   */
  async byValues(asked: readonly Asked[], columns: readonly FactColumn[]): Promise<void> {
    if (asked.length === 0) return
    await this.#together(asked, (some) => {
      const { bind, values } = new Bindings()
      const list = new SelectList()
      const rowsOf = (condition: string | null) =>
        condition === "false" ? list.add("0") : list.add(`coalesce(sum(t._rows)${filter(condition)}, 0)`)
      const groups: string[] = []
      const readers = some.map((one): ((row: Row) => Measure) => {
        const { plan } = one
        if (plan.kind === "groups") {
          const place = groups.length
          groups.push(
            `(select coalesce(sum(g.n), 0)::text as n${place}, (${plan.observed(bind)})::text as o${place}, (${plan.ok(bind)})::text as k${place}
                from (select ${valueText(plan.columns[0]!)} as k1, sum(t._rows) as n from counted as t
                       where ${valueText(plan.columns[0]!)} is not null group by 1) as g)`,
          )
          return (row) => ({
            ...EMPTY,
            rowsChecked: Number(row[`n${place}`]),
            observed: fromJson(row[`o${place}`]),
            ok: fromBoolean(row[`k${place}`]),
          })
        }
        if (plan.kind !== "rows") throw new TypeError(`a plan of kind ${plan.kind} is not judged by values`)
        const looked = rowsOf(plan.looked(bind))
        const failing = rowsOf(plan.failing(bind))
        return (row) => ({ ...EMPTY, rowsChecked: Number(row[looked]), rowsFailed: Number(row[failing]) })
      })
      const keys = columns.map(valueText).join(", ")
      const counted = `select ${keys}, count(*) as _rows
           from ${this.#facts.quoted} as t where ${this.#scoped(bind)} group by ${keys}`
      const text = `with counted as materialized (${counted}
         ) select * from (select ${list.text || "1 as nothing"} from counted as t) as answer${groups.map((group, place) => ` cross join ${group} as of${place}`).join("")}`
      return { text, values, read: (row) => readers.map((read) => read(row)) }
    })
  }

  async group(asked: readonly Asked[]): Promise<void> {
    await this.#together(asked, (some) => {
      const { bind, values } = new Bindings()
      const { plan, expectation } = some[0]! as { plan: Extract<Plan, { kind: "groups" }>; expectation: Expectation }
      const list = new SelectList()
      const total = list.add("coalesce(sum(g.n), 0)")
      const readers = some.map((one) => {
        const groups = one.plan as Extract<Plan, { kind: "groups" }>
        const [observed, ok] = [list.add(groups.observed(bind)), list.add(groups.ok(bind))]
        return (row: Row): Measure => ({
          ...EMPTY,
          rowsChecked: Number(row[total]),
          observed: fromJson(row[observed]),
          ok: fromBoolean(row[ok]),
        })
      })
      const keys = plan.columns.map((column, at) => `${valueText(column)} as k${at + 1}`)
      const present = plan.columns.map((column) => `${valueText(column)} is not null`).join(" and ")
      const where = expectation.where === undefined ? null : `(${expectation.where}\n)`
      const text = `select ${list.text}
           from (select ${keys.join(", ")}, count(*) as n from ${this.#facts.quoted} as t
                  where ${both(this.#scoped(bind), where, present)} group by ${keys.map((_, at) => at + 1).join(", ")}) as g`
      return { text, values, read: (row) => readers.map((read) => read(row)) }
    })
  }

  async single(one: Asked): Promise<void> {
    if (one.plan.kind === "derived" && one.plan.first) {
      const { first } = one.plan
      await this.#together([one], () => {
        const { bind, values } = new Bindings()
        return { text: asTexts(first(bind, this.#scoped)), values, read: (row) => [countsIn(row)] }
      })
      if (one.measure?.problem === null && one.measure.rowsFailed === 0) return
    }
    await this.#together([one], () => {
      const { bind, values } = new Bindings()
      const { plan } = one
      if (plan.kind === "query") {
        const { countsNothing = false, showsValue = false } = plan
        const read = (row: Row): Measure[] => [
          {
            ...EMPTY,
            rowsChecked: Number(row.n),
            rowsFailed: Number(row.f),
            observed: fromJson(row.observed),
            ok: fromBoolean(row.ok),
            countsNothing,
            showsValue,
          },
        ]
        return { text: asTexts(plan.text(bind, this.#scoped)), values, read }
      }
      if (plan.kind !== "derived") throw new TypeError(`a plan of kind ${plan.kind} is not alone`)
      const counts =
        plan.counts?.(bind, this.#scoped) ??
        `select count(*)${filter(plan.looked)} as n, count(*) filter (where ${both(plan.looked, plan.failing(bind))}) as f
           from ${plan.source(bind, this.#scoped)} as t`
      return { text: asTexts(counts), values, read: (row: Row) => [countsIn(row)] }
    })
  }

  /**
   * Asks for all in one statement. Where the database refuses it, the list is halved until those that are to blame stand alone;
   * the others keep their answers.
   */
  async #together(
    asked: readonly Asked[],
    write: (some: readonly Asked[]) => { text: string; values: unknown[]; read: (row: Row) => (Measure | null)[] },
  ): Promise<void> {
    const { text, values, read } = write(asked)
    try {
      await this.#client.query("savepoint headrace_expectation")
      this.statements++
      // The extended protocol even without values: it takes one statement only, whatever a condition contains.
      const config = { text, values, queryMode: "extended", types: TEXT_TYPES }
      const { rows } = await this.#client.query<Row>(config)
      await this.#client.query("release savepoint headrace_expectation")
      const measures = read(rows[0]!)
      for (const [at, one] of asked.entries()) one.measure = measures[at]!
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || isTransientState(error.code ?? "") || isStopped(error)) throw error
      await this.#client.query("rollback to savepoint headrace_expectation")
      if (asked.length === 1) {
        asked[0]!.measure = withProblem(withoutValue(error))
        return
      }
      const middle = Math.ceil(asked.length / 2)
      await this.#together(asked.slice(0, middle), write)
      await this.#together(asked.slice(middle), write)
    }
  }
}

function countsIn(row: Row): Measure {
  return { ...EMPTY, rowsChecked: Number(row.n), rowsFailed: Number(row.f) }
}

/** What the server says of a value may quote it, and it may be anybody's: only the kind of the error is kept. */
function withoutValue({ code, message }: pg.DatabaseError): string {
  return code?.startsWith("22") ? message.replace(/:? ".*"/gs, "") : message
}

/** Cancelled or timed out: not the expectation's fault. */
function isStopped(error: pg.DatabaseError): boolean {
  return error.code?.startsWith("57") === true || error.code?.startsWith("53") === true
}

function scanReader(one: Asked, list: SelectList, bind: Bind): (row: Row) => Measure | null {
  const { plan, expectation } = one
  if (plan.kind === "rows" && plan.extremes && !one.isCounted) {
    const looked = list.add(countOf(plan.looked(bind)))
    const fails = list.add(plan.extremes(bind))
    return (row) => {
      if (fromBoolean(row[fails]) !== true) return { ...EMPTY, rowsChecked: Number(row[looked]) }
      one.isCounted = true
      return null
    }
  }
  if (plan.kind === "rows") {
    const { looked, failing } = countedRows(plan, expectation, list, bind)
    return (row) => ({ ...EMPTY, rowsChecked: looked(row), rowsFailed: failing(row) })
  }
  if (plan.kind !== "scan") throw new TypeError(`a plan of kind ${plan.kind} is not part of a scan`)
  const looked = list.add(countOf(plan.looked(bind)))
  const [observed, ok] = [list.add(plan.observed(bind)), list.add(plan.ok(bind))]
  const { countsNothing = false, showsValue = false } = plan
  return (row) => ({
    ...EMPTY,
    rowsChecked: Number(row[looked]),
    observed: fromJson(row[observed]),
    ok: fromBoolean(row[ok]),
    countsNothing,
    showsValue,
  })
}

/** Figures as texts, so that none is rounded. */
function asTexts(query: string): string {
  return `select to_jsonb(answer) ->> 'n' as n, to_jsonb(answer) ->> 'f' as f, to_jsonb(answer) ->> 'ok' as ok,
                 to_jsonb(answer) ->> 'observed' as observed from (${query}) as answer`
}

const TEXT_TYPES = { getTypeParser: () => String } as unknown as pg.CustomTypesConfig
