import { askForCheck } from "#lib/actions/ask-for-check.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import { freshnessDetailQuerySchema, freshnessQuerySchema } from "#lib/contracts/api/freshness.ts"
import { listFreshness, readFreshness } from "#lib/store/read/freshness.ts"
import { listMonitors, readMonitor } from "#lib/store/read/monitors.ts"
import type { Api } from "../api.ts"
import { CheckReceipt, FreshnessDetail, FreshnessPage, Monitor, namePageQuery, nameParams } from "../schemas.ts"

const tag = "Freshness"

/** How fresh datasets are, and the monitors of tables. */
export function freshnessRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/freshness",
      permission: "freshness.read",
      tag,
      summary: "Datasets with a freshness policy, worst first",
      description:
        "`state` takes states and what fresh datasets are about to be: at_risk, when the next arrival is expected after the deadline, and loading.",
      query: freshnessQuerySchema,
      answer: FreshnessPage,
    },
    ({ store, query, now }) => listFreshness(store.pool, query, now),
  )

  api.json(
    {
      method: "get",
      path: "/freshness/{id}",
      permission: "freshness.read",
      tag,
      summary: "A dataset's freshness with its history, and its monitor",
      params: nameParams,
      query: freshnessDetailQuerySchema,
      answer: FreshnessDetail,
    },
    async ({ store, params, query, now }) => ({
      freshness: await readFreshness(store.pool, params.id, query.zone, now),
      monitor: await readMonitor(store.pool, params.id, now),
    }),
  )

  api.json(
    {
      method: "post",
      path: "/freshness/{id}/check",
      permission: "quality.operate",
      tag,
      summary: "Look at a dataset now",
      description:
        "Judges or measures its freshness and runs its monitor, in a worker. It is done when `checkedAt`, or the monitor's `finishedAt`, is later than `askedAt`.",
      params: nameParams,
      answer: CheckReceipt,
    },
    ({ store, params }) => askForCheck(store, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/monitors",
      permission: "quality.read",
      tag,
      summary: "Tables that are looked at every so often, with the last outcome",
      query: namePageQuery,
      answer: pageOf(Monitor),
    },
    ({ store, query, now }) => listMonitors(store.pool, query, now),
  )
}
