import type pg from "pg"
import type { Affected } from "#lib/contracts/api/schema-changes.ts"
import type { ColumnChange } from "#lib/domain/schema/compare-columns.ts"
import { readNodeFacts } from "#lib/store/read/lineage.ts"
import { readColumnImpact } from "./column-trail.ts"

/** Those that hear of it first. */
const RANK: Record<Affected["effect"], number> = { fails: 0, values: 1, stale: 2, unknown: 3 }
const MOST = 500

/**
 * Datasets that depend on columns that broke, the worst hit first. A column that is gone, or has another name, fails the queries
 * that name it; one of another type reaches what its values flow into.
 */
export async function findAffected(
  pool: pg.Pool,
  datasetId: string,
  changes: readonly ColumnChange[],
): Promise<Affected[]> {
  const found = new Map<string, { effect: Affected["effect"]; columns: Set<string> }>()
  for (const { kind, column } of changes) {
    for (const [dataset, effect] of await effectsOf(pool, datasetId, column, kind !== "retyped")) {
      const known = found.get(dataset)
      if (!known) found.set(dataset, { effect, columns: new Set([column]) })
      else {
        known.columns.add(column)
        if (RANK[effect] < RANK[known.effect]) known.effect = effect
      }
    }
  }
  found.delete(datasetId)
  const facts = await readNodeFacts(pool, [...found.keys()])
  return [...found]
    .map(([dataset, { effect, columns }]) => ({
      dataset,
      owner: facts.get(dataset)?.owner ?? null,
      columns: [...columns],
      effect,
    }))
    .sort((a, b) => RANK[a.effect] - RANK[b.effect] || a.dataset.localeCompare(b.dataset))
    .slice(0, MOST)
}

async function effectsOf(
  pool: pg.Pool,
  dataset: string,
  column: string,
  isGone: boolean,
): Promise<[string, Affected["effect"]][]> {
  const impact = await readColumnImpact(pool, { dataset, column })
  const values = [...impact.values.map((each) => each.dataset), ...impact.rows.map((each) => each.dataset)]
  return [
    ...(isGone ? impact.breaks.map((id): [string, "fails"] => [id, "fails"]) : []),
    ...[...new Set([...values, ...impact.rowsThrough])].map((id): [string, "values"] => [id, "values"]),
    ...(isGone ? impact.stale.map((id): [string, "stale"] => [id, "stale"]) : []),
    ...impact.unknown.map((id): [string, "unknown"] => [id, "unknown"]),
  ]
}
