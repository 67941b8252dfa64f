import { createHash, randomUUID, timingSafeEqual } from "node:crypto"
import { AppError } from "#lib/domain/errors.ts"
import type { Store } from "#lib/store/client.ts"
import { isStoreAway } from "#lib/store/is-store-away.ts"
import { type MetricsSnapshot, readMetrics } from "#lib/store/read/metrics.ts"
import { authorize } from "../auth.ts"
import type { Config } from "../config.ts"
import { problemResponse, toProblem } from "../http.ts"
import { log } from "../log.ts"
import { CONTENT_TYPES, negotiateFormat } from "./exposition.ts"
import type { ProcessMeter } from "./process-meter.ts"
import { renderMetrics } from "./render-metrics.ts"

/** A scraper waits 10 s by default: the figures of this process, and that the database is away, must be there by then. */
const READ_TIMEOUT_MS = 5_000

export interface MetricsDependencies {
  config: Pick<Config, "host" | "metricsToken" | "metricsLimit">
  store(): Promise<Store>
  meter: ProcessMeter
}

/**
 * Answers scrapes. Those that come while one is being read get the same reading, so that any number of scrapers, or of
 * people at a button, holds one connection. A database that is away is a metric, not an error.
 */
export function createMetricsHandler({
  config,
  store,
  meter,
}: MetricsDependencies): (request: Request) => Promise<Response> {
  let reading: Promise<MetricsSnapshot> | null = null
  const read = (): Promise<MetricsSnapshot> => {
    reading ??= store()
      .then(({ pool }) => readMetrics(pool, config.metricsLimit))
      .finally(() => {
        reading = null
      })
    return reading
  }
  return async (request) => {
    const requestId = randomUUID()
    try {
      admit(request, config)
    } catch (error) {
      const response = problemResponse(toProblem(error, requestId), requestId)
      if (response.status === 401) response.headers.set("www-authenticate", 'Bearer realm="headrace metrics"')
      return response
    }
    const format = negotiateFormat(request.headers.get("accept"))
    let snapshot: MetricsSnapshot | null
    try {
      snapshot = await within(READ_TIMEOUT_MS, read())
    } catch (error) {
      return problemResponse(toProblem(error, requestId), requestId)
    }
    const pool = snapshot ? (await store()).pool : null
    return new Response(renderMetrics({ snapshot, web: meter.read(pool) }, format), {
      headers: {
        "content-type": CONTENT_TYPES[format],
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
      },
    })
  }
}

/**
 * A scraper on this machine comes in as everybody does who reaches the loopback address; one elsewhere shows the token of
 * HEADRACE_METRICS_TOKEN, with which it may read this and nothing else. A token that is wrong is never overlooked.
 *
 * @throws AppError `auth.required`, `auth.forbidden`.
 */
function admit(request: Request, config: MetricsDependencies["config"]): void {
  const given = /^Bearer +(.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1]
  if (given === undefined) return void authorize(request, "metrics.read", config)
  if (config.metricsToken !== null && isSame(given, config.metricsToken)) return
  throw new AppError(
    "auth.required",
    "The token is not that of HEADRACE_METRICS_TOKEN; give the scraper the same, and start Headrace anew after a change.",
  )
}

/** Takes as long for every wrong text. */
function isSame(given: string, known: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest()
  return timingSafeEqual(digest(given), digest(known))
}

/** Null when the database is away, or takes longer. Any other error is a fault of ours, and no page is better than a wrong one. */
async function within(timeoutMs: number, work: Promise<MetricsSnapshot>): Promise<MetricsSnapshot | null> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs)
  })
  const read = work.catch((error: unknown) => {
    if (!isStoreAway(error)) throw error
    log.warn({ error: error instanceof Error ? error.message : String(error) }, "metrics not read")
    return null
  })
  try {
    return await Promise.race([read, tooLate])
  } finally {
    // Late, it may still fail.
    read.catch(() => {})
    clearTimeout(timer)
  }
}
