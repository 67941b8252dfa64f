import { createHash } from "node:crypto"
import { z } from "@hono/zod-openapi"
import { decideApproval } from "#lib/actions/decide-approval.ts"
import { receiveCallback } from "#lib/actions/receive-callback.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import { decideApprovalSchema, waitListQuerySchema } from "#lib/contracts/api/waits.ts"
import { jsonSchema } from "#lib/contracts/json.ts"
import type { TaskRunId } from "#lib/domain/ids.ts"
import { listWaits } from "#lib/store/read/waits.ts"
import type { Api } from "../api.ts"
import { ApprovalReceipt, idParams, OpenWait } from "../schemas.ts"

const tag = "Waits"

/** What deferred tasks wait for, and the two ways to answer from outside. */
export function waitRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/waits",
      permission: "runs.read",
      tag,
      summary: "What deferred tasks wait for, oldest first",
      query: waitListQuerySchema,
      answer: pageOf(OpenWait),
    },
    ({ store, query }) => listWaits(store.pool, query),
  )

  api.json(
    {
      method: "post",
      path: "/approvals/{id}",
      permission: "runs.approve",
      tag,
      summary: "Approve or reject what a task run asks",
      description: "Once: the first answer stands, a second one gets 409.",
      params: idParams,
      body: decideApprovalSchema,
      answer: ApprovalReceipt,
    },
    async ({ store, params, body, actor, now }) => {
      const decision = body.decision === "approve" ? ("approved" as const) : ("rejected" as const)
      const { comment } = body
      const taskRunId = params.id as TaskRunId
      return { ...(await decideApproval(store, { taskRunId, decision, comment, actor: actor.name, now })), decision }
    },
  )

  api.json(
    {
      method: "post",
      path: "/callbacks/{token}",
      permission: "public",
      tag,
      summary: "Answer a task that waits for a callback",
      description:
        "Who knows the address may use it, once. The JSON that is sent becomes the task's output `payload`; an unknown or used address gets 404.",
      params: z.object({ token: z.string().regex(/^[\w-]{20,100}$/, "not a callback's token") }),
      body: jsonSchema,
      answer: z.object({ received: z.literal(true) }),
    },
    async ({ store, params, body, now }) => {
      const tokenHash = createHash("sha256").update(params.token).digest("hex")
      await receiveCallback(store, { tokenHash, payload: body, now })
      return { received: true as const }
    },
  )
}
