import { diffRequestSchema } from "#lib/contracts/api/diff.ts"
import { diffDatasets } from "#lib/server/catalogue/diff-datasets.ts"
import type { Api } from "../api.ts"
import { TableDiff } from "../schemas.ts"

/** How two tables, two parts of one, or two times of one differ. */
export function diffRoutes(api: Api): void {
  api.json(
    {
      method: "post",
      path: "/diff",
      permission: "rows.read",
      tag: "Datasets",
      summary: "Compare two tables of the warehouse, or parts of them, row by row",
      description:
        "Changes nothing. Equal tables cost one read each; it ends after 60 s, or when the request is given up. Values of columns with a tag pii or sensitive, set or inherited, are masked.",
      body: diffRequestSchema,
      answer: TableDiff,
    },
    async ({ store, body, signal }) =>
      diffDatasets({ pool: store.pool, warehouse: await api.dependencies.warehouse(), signal }, body),
  )
}
