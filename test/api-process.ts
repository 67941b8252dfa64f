import { handleApi } from "#lib/server/api/handle-api.ts"
import { handleMetrics } from "#lib/server/metrics/handle-metrics.ts"
import { serveApi } from "./api-server.ts"

/** A program: answers /api/v1 and /api/metrics as the web process does, without its pages. Tells its parent where. */
const { url } = await serveApi({
  fetch: (request) => (new URL(request.url).pathname === "/api/metrics" ? handleMetrics(request) : handleApi(request)),
})
process.send?.({ url })
process.on("disconnect", () => process.exit(0))
