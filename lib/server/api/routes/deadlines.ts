import { pageOf } from "#lib/contracts/api/common.ts"
import { deadlineListQuerySchema } from "#lib/contracts/api/deadlines.ts"
import { listDeadlines } from "#lib/store/read/deadlines.ts"
import type { Api } from "../api.ts"
import { Deadline } from "../schemas.ts"

/** What was, or may be, too late. */
export function deadlineRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/deadlines",
      permission: "runs.read",
      tag: "Deadlines",
      summary: "Deadlines, newest first",
      description:
        "Missed ones, and those that were done late, unless other states or a run are asked for. One without a run was missed before any was created.",
      query: deadlineListQuerySchema,
      answer: pageOf(Deadline),
    },
    ({ store, query }) => listDeadlines(store.pool, query),
  )
}
