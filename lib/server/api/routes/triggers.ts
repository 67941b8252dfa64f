import { z } from "@hono/zod-openapi"
import { receiveEvent } from "#lib/actions/receive-event.ts"
import { receiveEventSchema } from "#lib/contracts/api/pipelines.ts"
import type { Api } from "../api.ts"
import { EventReceipt } from "../schemas.ts"

/** Events from outside that start pipelines. */
export function triggerRoutes(api: Api): void {
  api.json(
    {
      method: "post",
      path: "/events/{name}",
      permission: "runs.operate",
      tag: "Events",
      summary: "Start the pipelines that wait for an event",
      description:
        "Each pipeline that names the event in its `events` runs once, with the payload as its params. With an Idempotency-Key, a repeated request starts nothing again.",
      params: z.object({ name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, "this is no event name") }),
      body: receiveEventSchema,
      answer: EventReceipt,
      creates: () => true,
    },
    async ({ store, params, body, actor, now }) => ({
      event: params.name,
      pipelines: await receiveEvent(store, { name: params.name, payload: body.payload, actor: actor.name, now }),
    }),
  )
}
