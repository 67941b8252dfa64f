import "server-only"

/** The one door from app/ into lib/server. Never loaded by plain Node code. */
export { handleApi } from "#lib/server/api/handle-api.ts"
