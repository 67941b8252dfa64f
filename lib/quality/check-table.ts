import type pg from "pg"
import { type Expectation, entryOf, nameOf, onFailOf } from "#lib/contracts/expectations/registry.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { CheckOutcome, Score } from "#lib/contracts/task-result.ts"
import { type Measure, measureExpectations } from "#lib/engines/postgres/expectations/measure.ts"
import { canQuarantine, quarantineRows, quarantineTable } from "#lib/engines/postgres/expectations/quarantine.ts"
import { sampleFailing } from "#lib/engines/postgres/expectations/samples.ts"
import type { TableFacts } from "#lib/engines/postgres/expectations/table-facts.ts"
import type { RowScope } from "#lib/engines/postgres/row-scope.ts"
import { judgeExpectation } from "./judge-expectation.ts"
import { type DimensionWeights, scoreChecks } from "./score.ts"

export interface CheckedTable {
  checks: CheckOutcome[]
  scores: Score[]
}

export interface CheckTableOptions {
  /** The rows that were just loaded; null for all. */
  scope?: RowScope | null
  partitionKey?: string | null
  /** True: the caller's transaction is open, and sees what was written in it. */
  isInTransaction: boolean
  /** Failing rows may be moved; without, expectations that ask for it block instead. Needs a transaction. */
  quarantine?: { runId: string | null } | null
  weights?: DimensionWeights
  /** Columns that tell rows apart in samples; the primary key where there are none. */
  keys?: readonly string[]
  /** Which columns are masked; asked once, and only where a value would be shown. */
  masks?: () => Promise<IsMasked>
}
export type IsMasked = (column: string) => boolean

/** Samples are read by a statement for each failing check: of so many at most, in their order. */
const MAX_SAMPLED = 25

/**
 * Checks a table of a Postgres warehouse: measures, samples failing rows, sets rows aside where expectations ask for it, judges
 * and scores. In the order of `expectations`. What was set aside is checked no more: the other expectations are measured again
 * on what stays.
 */
export async function checkTable(
  client: pg.ClientBase,
  table: string,
  expectations: readonly Expectation[],
  options: CheckTableOptions,
): Promise<CheckedTable> {
  const names = distinctNames(expectations)
  const first = await checkOnce(client, table, expectations, names, options)
  await addSamples(client, expectations, first, options)
  const outcomes = options.quarantine
    ? await setAside(client, table, expectations, names, first, options, options.quarantine.runId)
    : first.outcomes
  return { checks: outcomes, scores: scoreChecks(outcomes, options.weights) }
}

interface Checked {
  facts: TableFacts | null
  isMasked: IsMasked
  outcomes: CheckOutcome[]
}

async function checkOnce(
  client: pg.ClientBase,
  table: string,
  expectations: readonly Expectation[],
  names: readonly string[],
  options: CheckTableOptions,
): Promise<Checked> {
  const measures: Measure[] = []
  let facts: TableFacts | null = null
  for (const over of ["load", "table"] as const) {
    const places = [...expectations.keys()].filter((at) => (expectations[at]!.over ?? "load") === over)
    if (places.length === 0) continue
    const asked = places.map((at) => expectations[at]!)
    const measured = await measureExpectations(client, table, asked, {
      scope: over === "load" ? (options.scope ?? null) : null,
      isInTransaction: options.isInTransaction,
    })
    facts = measured.facts
    for (const [nth, at] of places.entries()) measures[at] = measured.measures[nth]!
  }
  const showsSome = measures.some(({ showsValue, rowsFailed }) => showsValue || rowsFailed > 0)
  const isMasked = showsSome && options.masks ? await options.masks() : () => false
  const outcomes = expectations.map((expectation, at): CheckOutcome => {
    const outcome = judgeExpectation(`warehouse.${table}`, expectation, measures[at]!, isMasked)
    const partitionKey = expectation.over === "table" ? null : (options.partitionKey ?? null)
    return { ...outcome, name: names[at]!, partitionKey, details: detailsOf(expectation) }
  })
  return { facts, isMasked, outcomes }
}

/** What is kept of an expectation with its result, besides what the result says itself. */
function detailsOf(expectation: Expectation): JsonObject {
  const { name: _, severity: __, meta, tags, ...options } = expectation
  return {
    onFail: onFailOf(expectation),
    options: JSON.parse(shortened(options)) as JsonObject,
    ...(tags && { tags }),
    ...(meta && { meta: JSON.parse(JSON.stringify(meta)) as JsonObject }),
  }
}

/** A list of thousands of values need not stand with each result. */
function shortened(options: object): string {
  return JSON.stringify(options, (_, value: unknown) =>
    Array.isArray(value) && value.length > 50 ? [...value.slice(0, 50), `and ${value.length - 50} more`] : value,
  )
}

async function addSamples(
  client: pg.ClientBase,
  expectations: readonly Expectation[],
  { facts, isMasked, outcomes }: Checked,
  options: CheckTableOptions,
): Promise<void> {
  if (!facts) return
  const wanted = [...outcomes.keys()].filter((at) => {
    const { rowsFailed, state } = outcomes[at]!
    return rowsFailed > 0 && state !== "error" && entryOf(expectations[at]!.type).scope === "rows"
  })
  for (const at of wanted.slice(0, MAX_SAMPLED)) {
    outcomes[at]!.samples = await sampleFailing(client, facts, expectations[at]!, {
      scope: expectations[at]!.over === "table" ? null : (options.scope ?? null),
      keys: options.keys ?? [],
      isMasked,
      isInTransaction: options.isInTransaction,
    })
  }
}

async function setAside(
  client: pg.ClientBase,
  table: string,
  expectations: readonly Expectation[],
  names: readonly string[],
  { facts, outcomes }: Checked,
  options: CheckTableOptions,
  runId: string | null,
): Promise<CheckOutcome[]> {
  const places = [...outcomes.keys()].filter((at) => {
    const isWanted = outcomes[at]!.state === "failed" && onFailOf(expectations[at]!) === "quarantine"
    return isWanted && facts !== null && canQuarantine(expectations[at]!, facts)
  })
  if (places.length === 0 || !facts) return outcomes
  const failed = places.map((at) => ({ expectation: expectations[at]!, name: names[at]! }))
  const load = { scope: options.scope ?? null, runId, partitionKey: options.partitionKey ?? null }
  const moved = await quarantineRows(client, facts, failed, load)
  const side = quarantineTable(table)
  const others = [...outcomes.keys()].filter((at) => !places.includes(at))
  const again = await checkOnce(
    client,
    table,
    others.map((at) => expectations[at]!),
    others.map((at) => names[at]!),
    options,
  )
  await addSamples(
    client,
    others.map((at) => expectations[at]!),
    again,
    options,
  )
  return outcomes.map((outcome, at) => {
    if (!places.includes(at)) return again.outcomes[others.indexOf(at)]!
    return {
      ...outcome,
      // The load goes on: what is wrong with it waits in the side table.
      severity: "warn" as const,
      message: `${outcome.message} They were set aside in ${side}.`,
      details: { ...outcome.details, quarantined: outcome.rowsFailed, movedInAll: moved, quarantine: side },
    }
  })
}

/** A check's history goes by its name: a second one of the same name in one list gets a number. */
function distinctNames(expectations: readonly Expectation[]): string[] {
  const seen = new Map<string, number>()
  return expectations.map((expectation) => {
    const name = nameOf(expectation)
    const count = (seen.get(name) ?? 0) + 1
    seen.set(name, count)
    return count === 1 ? name : `${name.slice(0, 190)} (${count})`
  })
}

/** Whether an outcome stops what waits for the table to be good. */
export function isBlocking({ passed, severity, details }: CheckOutcome): boolean {
  if (passed || severity === "warn") return false
  return details?.onFail !== "warn"
}
