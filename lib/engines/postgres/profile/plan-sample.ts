import type pg from "pg"
import { countIfSmall } from "../catalog.ts"
import type { TableFacts } from "../expectations/table-facts.ts"

/** Which rows of a table are looked at, and of how many. */
export interface SamplePlan {
  method: "all" | "random" | "first"
  /** What follows FROM, with `values` bound. */
  source: string
  values: unknown[]
  limit: number | null
  total: number | null
  isTotalExact: boolean
}

/** Blocks hold more or fewer rows than the average: a few more are asked for than are wanted. */
const MARGIN = 1.1

/**
 * Plans a read of at most `sample` rows: whole blocks at random where the relation has blocks (TABLESAMPLE SYSTEM reads no
 * others), the first rows of a view. A table that is no larger is read whole, as is one without a limit.
 */
export async function planSample(
  client: pg.ClientBase,
  { table, quoted, hasPlaces }: TableFacts,
  sample: number | null,
): Promise<SamplePlan> {
  const all: SamplePlan = {
    method: "all",
    source: quoted,
    values: [],
    limit: null,
    total: null,
    isTotalExact: true,
  }
  if (sample === null) return all
  const counted = await countIfSmall(client, table)
  if (counted !== null && counted <= sample) return all
  const total = counted ?? (await guessRows(client, quoted))
  const known = { limit: sample, total, isTotalExact: counted !== null }
  if (!hasPlaces || total <= sample) {
    return { ...known, method: "first", source: `(select * from ${quoted} limit $1) as t`, values: [sample] }
  }
  const percent = Math.min(100, ((100 * sample) / total) * MARGIN)
  const source = `(select * from ${quoted} tablesample system ($1::real) limit $2) as t`
  return { ...known, method: "random", source, values: [percent, sample] }
}

/** Rows as the planner guesses them: by the size of a table now, and what ANALYZE saw of its rows. */
async function guessRows(client: pg.ClientBase, quoted: string): Promise<number> {
  type Explained = { "QUERY PLAN": [{ Plan: { "Plan Rows": number } }] }
  const { rows } = await client.query<Explained>(`explain (format json) select from ${quoted}`)
  return rows[0]!["QUERY PLAN"][0].Plan["Plan Rows"]
}
