import { columnQuerySchema, impactQuerySchema, lineageQuerySchema } from "#lib/contracts/api/lineage.ts"
import { readColumnImpact, readColumnTrail } from "#lib/server/catalogue/column-trail.ts"
import { readTableLineage } from "#lib/server/catalogue/table-lineage.ts"
import type { Api } from "../api.ts"
import { ColumnImpact, ColumnTrail, LineageGraph, nameParams } from "../schemas.ts"

const tag = "Lineage"

/** What datasets are made from, down to their columns. */
export function lineageRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/lineage",
      permission: "datasets.read",
      tag,
      summary: "Datasets around one of them, or all, and what reads what",
      query: lineageQuerySchema,
      answer: LineageGraph,
    },
    ({ store, query }) => readTableLineage(store.pool, query),
  )

  api.json(
    {
      method: "get",
      path: "/lineage/columns",
      permission: "datasets.read",
      tag,
      summary: "Where a column's values come from and where they go",
      query: columnQuerySchema,
      answer: ColumnTrail,
    },
    ({ store, query }) => readColumnTrail(store.pool, query),
  )

  api.json(
    {
      method: "get",
      path: "/datasets/{id}/impact",
      permission: "datasets.read",
      tag,
      summary: "What breaks if a column goes",
      params: nameParams,
      query: impactQuerySchema,
      answer: ColumnImpact,
    },
    ({ store, params, query }) => readColumnImpact(store.pool, { dataset: params.id, column: query.column }),
  )
}
