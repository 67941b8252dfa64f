import { readConfig } from "../config.ts"
import { getContainer } from "../container.ts"
import { createProcessMeter } from "./process-meter.ts"
import { createMetricsHandler } from "./serve-metrics.ts"

type Handler = ReturnType<typeof createMetricsHandler>

// Next evaluates modules several times; what watches the event loop must be one for the process.
const holder = globalThis as typeof globalThis & { headraceMetrics?: Handler }

/** Answers a request to /api/metrics in the web process. */
export async function handleMetrics(request: Request): Promise<Response> {
  holder.headraceMetrics ??= createMetricsHandler({
    config: readConfig(),
    store: async () => (await getContainer()).store,
    meter: createProcessMeter(),
  })
  return holder.headraceMetrics(request)
}
