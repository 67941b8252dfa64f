import { monitorEventLoopDelay } from "node:perf_hooks"
import type pg from "pg"
import type { ProcessFigures } from "#lib/contracts/process-figures.ts"

/** How often the event loop is asked, in milliseconds: what Node takes by default is 10, twice the wake-ups. */
const RESOLUTION_MS = 20

export interface ProcessMeter {
  /** Figures now; the lag of the event loop is that since the last call. */
  read(pool: Pick<pg.Pool, "totalCount" | "idleCount" | "waitingCount"> | null): ProcessFigures
}

/** Starts to watch this process's event loop. One is enough for a process; it keeps nothing alive. */
export function createProcessMeter(): ProcessMeter {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const startedAt = (Date.now() - process.uptime() * 1_000) / 1_000
  return {
    read(pool) {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
      const { user, system } = process.cpuUsage()
      // It records the whole time between two wake-ups, most of which was asked for.
      const late = (nanoseconds: number) => Math.max(0, (nanoseconds / 1e6 - RESOLUTION_MS) / 1_000)
      const figures: ProcessFigures = {
        cpuSeconds: (user + system) / 1e6,
        startedAt,
        residentBytes: rss,
        heapUsedBytes: heapUsed,
        heapTotalBytes: heapTotal,
        externalBytes: external,
        eventLoopLag: { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) },
        pool: { total: pool?.totalCount ?? 0, idle: pool?.idleCount ?? 0, waiting: pool?.waitingCount ?? 0 },
      }
      delay.reset()
      return figures
    },
  }
}
