import { handleApi } from "#lib/server/api/handle-api.ts"
import { serveApi } from "./api-server.ts"

/** A program: answers /api/v1 as the web process does, without its pages. Tells its parent where. */
const { url } = await serveApi({ fetch: handleApi })
process.send?.({ url })
process.on("disconnect", () => process.exit(0))
