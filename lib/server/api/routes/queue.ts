import { z } from "@hono/zod-openapi"
import { deletePool } from "#lib/actions/delete-pool.ts"
import { setPool } from "#lib/actions/set-pool.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import { poolNameSchema, setPoolSchema, waitingQuerySchema } from "#lib/contracts/api/queue.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { Store } from "#lib/store/client.ts"
import { listLimits, listWaiting, readQueue } from "#lib/store/read/queue.ts"
import type { Api } from "../api.ts"
import { Queue, SlotLimit, WaitingTask } from "../schemas.ts"

const tag = "Queue"
const poolParams = z.object({ id: poolNameSchema })

/** What waits for what, and the pools that people set. */
export function queueRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/queue",
      permission: "system.read",
      tag,
      summary: "What waits for slots and workers, and how fast it goes",
      answer: Queue,
    },
    ({ store, now }) => readQueue(store.pool, now),
  )

  api.json(
    {
      method: "get",
      path: "/queue/tasks",
      permission: "runs.read",
      tag,
      summary: "Ready tasks in the order in which they will go",
      description: "Those that wait for a slot of the limit `waitingFor`; without it, those that wait for a worker.",
      query: waitingQuerySchema,
      answer: pageOf(WaitingTask),
    },
    async ({ store, query }) => ({ items: await listWaiting(store.pool, query), nextCursor: null }),
  )

  api.json(
    {
      method: "get",
      path: "/pools",
      permission: "system.read",
      tag,
      summary: "Pools with what is used of them",
      answer: pageOf(SlotLimit),
    },
    async ({ store }) => ({ items: await listLimits(store.pool, "pool"), nextCursor: null }),
  )

  api.json(
    {
      method: "post",
      path: "/pools/{id}",
      permission: "pools.operate",
      tag,
      summary: "Make a pool, or change its capacity",
      description: "More capacity lets waiting tasks go at once. 0 lets nothing more go; what runs goes on.",
      params: poolParams,
      body: setPoolSchema,
      answer: SlotLimit,
    },
    async ({ store, params, body, actor }) => {
      const { capacity, description = null } = body
      await setPool(store, { name: params.id, capacity, description, actor: actor.name })
      return readPool(store, params.id)
    },
  )

  api.json(
    {
      method: "post",
      path: "/pools/{id}/delete",
      permission: "pools.operate",
      tag,
      summary: "Delete a pool that nothing names or uses",
      params: poolParams,
      answer: SlotLimit,
    },
    async ({ store, params, actor }) => {
      const pool = await readPool(store, params.id)
      await deletePool(store, { name: params.id, actor: actor.name })
      return pool
    },
  )
}

async function readPool(store: Store, name: string) {
  const pool = (await listLimits(store.pool, "pool")).find((each) => each.name === name)
  if (!pool) throw new AppError("pool.not_found", `There is no pool ${name}; see the list of pools.`)
  return pool
}
