// First of all: schemas that were made before it have no names in the OpenAPI document (schemas.ts).
import "@hono/zod-openapi"
import { readConfig } from "../config.ts"
import { WAREHOUSE } from "../connections.ts"
import { getContainer } from "../container.ts"
import { createLiveEvents, type LiveEvents } from "../events.ts"
import type { Api } from "./api.ts"
import { createApi } from "./create-api.ts"

// Next evaluates modules several times; the LISTEN connection must be one for the process.
const holder = globalThis as typeof globalThis & { headraceEvents?: LiveEvents }
let api: Api | undefined

/** Answers a request to /api/v1 in the web process. */
export async function handleApi(request: Request): Promise<Response> {
  api ??= open()
  return api.fetch(request)
}

function open(): Api {
  const config = readConfig()
  holder.headraceEvents ??= createLiveEvents(config.databaseUrl)
  return createApi({
    config,
    store: async () => (await getContainer()).store,
    events: holder.headraceEvents,
    warehouse: async () => (await getContainer()).connections.pool(WAREHOUSE),
  })
}
