import { cancelBackfill } from "#lib/actions/cancel-backfill.ts"
import { changeBackfill, rerunFailedSlots } from "#lib/actions/change-backfill.ts"
import { createBackfill } from "#lib/actions/create-backfill.ts"
import {
  backfillListQuerySchema,
  backfillMapSchema,
  backfillSlotSchema,
  changeBackfillSchema,
  createBackfillSchema,
  slotListQuerySchema,
} from "#lib/contracts/api/backfills.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import { listBackfills, listSlots, readBackfill, readBackfillMap } from "#lib/store/read/backfills.ts"
import type { Api } from "../api.ts"
import { Backfill, idParams } from "../schemas.ts"

const tag = "Backfills"

/** Backfills: preview, start, follow, stop. */
export function backfillRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/backfills",
      permission: "backfills.read",
      tag,
      summary: "Backfills, newest first, without their slots",
      query: backfillListQuerySchema,
      answer: pageOf(Backfill),
    },
    ({ store, query }) => listBackfills(store.pool, query),
  )

  api.json(
    {
      method: "post",
      path: "/backfills",
      permission: "backfills.operate",
      tag,
      summary: "Preview a backfill, or start it",
      description:
        "With `dryRun` nothing is stored and `id` is null: the answer is the plan that would be executed, slot by slot. What is started is answered without its slots.",
      body: createBackfillSchema,
      answer: Backfill,
      creates: (body) => !body.dryRun,
    },
    ({ store, body, actor }) => createBackfill(store, { ...body, actor: actor.name }),
  )

  api.json(
    {
      method: "get",
      path: "/backfills/{id}",
      permission: "backfills.read",
      tag,
      summary: "A backfill with its progress, without its slots",
      params: idParams,
      answer: Backfill,
    },
    ({ store, params }) => readBackfill(store.pool, params.id),
  )

  api.json(
    {
      method: "get",
      path: "/backfills/{id}/slots",
      permission: "backfills.read",
      tag,
      summary: "A backfill's slots in order of execution, page by page",
      params: idParams,
      query: slotListQuerySchema,
      answer: pageOf(backfillSlotSchema),
    },
    ({ store, params, query }) => listSlots(store.pool, params.id, query),
  )

  api.json(
    {
      method: "get",
      path: "/backfills/{id}/map",
      permission: "backfills.read",
      tag,
      summary: "All slots of a backfill at a glance, in the order of time",
      params: idParams,
      answer: backfillMapSchema,
    },
    ({ store, params }) => readBackfillMap(store.pool, params.id),
  )

  api.json(
    {
      method: "post",
      path: "/backfills/{id}/cancel",
      permission: "backfills.operate",
      tag,
      summary: "Stop a backfill: no further run starts, those that live are cancelled",
      params: idParams,
      answer: Backfill,
    },
    async ({ store, params, actor }) => {
      // Says "not found" where the action could only say that there is nothing to stop.
      await readBackfill(store.pool, params.id)
      await cancelBackfill(store, { backfillId: params.id, actor: actor.name })
      return readBackfill(store.pool, params.id)
    },
  )

  api.json(
    {
      method: "patch",
      path: "/backfills/{id}",
      permission: "backfills.operate",
      tag,
      summary: "Pause, resume, widen or narrow a backfill",
      description: "A pause lets the runs that live finish; a change that makes room creates the next runs at once.",
      params: idParams,
      body: changeBackfillSchema,
      answer: Backfill,
    },
    async ({ store, params, body, actor }) => {
      await changeBackfill(store, { ...body, backfillId: params.id, actor: actor.name })
      return readBackfill(store.pool, params.id)
    },
  )

  api.json(
    {
      method: "post",
      path: "/backfills/{id}/rerun-failed",
      permission: "backfills.operate",
      tag,
      summary: "Run the failed partitions of a backfill again, and them alone",
      description: "Each gets a new run within the same backfill; one that had ended goes on.",
      params: idParams,
      answer: Backfill,
    },
    async ({ store, params, actor }) => {
      await rerunFailedSlots(store, { backfillId: params.id, actor: actor.name })
      return readBackfill(store.pool, params.id)
    },
  )
}
