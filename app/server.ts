import "server-only"
// First of all: zod gives `.openapi` only to schemas made after this, and the bundle evaluates modules that wait for an
// external package (pg, pino) after those that do not.
import "@hono/zod-openapi"

/** The one door from app/ into lib/server. Never loaded by plain Node code. */
export { handleApi } from "#lib/server/api/handle-api.ts"
export { handleMetrics } from "#lib/server/metrics/handle-metrics.ts"
