import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import type { Json } from "#lib/contracts/json.ts"
import type { Bind } from "./bind.ts"
import { both, filter, type Plan } from "./plan.ts"

/** A row of an answer, all of whose values are texts. */
export type Row = Record<string, string | null>

/** Columns of a statement; the same expression stands there once. */
export class SelectList {
  readonly #names = new Map<string, string>()
  add(expression: string): string {
    const name = this.#names.get(expression) ?? `c${this.#names.size}`
    this.#names.set(expression, name)
    return name
  }

  get text(): string {
    return [...this.#names].map(([expression, name]) => `(${expression})::text as ${name}`).join(", ")
  }
}

/** How many rows are looked at and fail. Of nulls one count is enough: all rows less those with a value. */
export function countedRows(
  plan: Extract<Plan, { kind: "rows" }>,
  { where }: Expectation,
  list: SelectList,
  bind: Bind,
) {
  const lookedText = plan.looked(bind)
  const looked = list.add(countOf(lookedText))
  const failingText = plan.failing(bind)
  const lookedAt = (row: Row) => Number(row[looked])
  if (failingText === "false") return { looked: lookedAt, failing: () => 0 }
  const value = where === undefined ? NULL_CHECK.exec(failingText) : null
  if (value) {
    const present = list.add(`count(${value[1]})`)
    const isAboutNulls = value[2] === undefined
    return {
      looked: lookedAt,
      failing: (row: Row) => (isAboutNulls ? lookedAt(row) - Number(row[present]) : Number(row[present])),
    }
  }
  const failing = list.add(failingCount(plan, { where }, bind))
  return { looked: lookedAt, failing: (row: Row) => Number(row[failing]) }
}

/**
 * For a null the condition is null, which the filter takes for false; only the author's condition has to be added. It goes first, as
 * it may keep the other from values that it cannot take; but whether a value is null can be asked of all, and costs nothing.
 */
function failingCount(
  plan: Extract<Plan, { kind: "rows" }>,
  { where }: Pick<Expectation, "where">,
  bind: Bind,
): string {
  const [author, failing] = [where === undefined ? null : `(${where}\n)`, plan.failing(bind)]
  const parts = NULL_CHECK.test(failing) ? [failing, author] : [author, failing]
  return `count(*) filter (where ${both(...parts)})`
}

const NULL_CHECK = /^(t\."(?:[^"]|"")*") is (not )?null$/

export function countOf(condition: string | null): string {
  const value = condition === null ? null : /^(t\."(?:[^"]|"")*") is not null$/.exec(condition)
  return value ? `count(${value[1]})` : `count(*)${filter(condition)}`
}

export function fromJson(text: string | null | undefined): Json {
  if (text === null || text === undefined) return null
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

export function fromBoolean(text: string | null | undefined): boolean | null {
  return text === null || text === undefined ? null : text === "true" || text === "t"
}
