import { handleMetrics } from "../../server.ts"

/** What Prometheus reads: see lib/server/metrics and docs/metrics.md. */
export const dynamic = "force-dynamic"

export { handleMetrics as GET, handleMetrics as HEAD }
