import { z } from "zod"
import { LATENCY_BUCKETS } from "../domain/duration-buckets.ts"

const count = z.number().min(0)

/** What a process measures of itself. Sizes in bytes, times in seconds. */
export const processFiguresSchema = z.object({
  /** Since the process started. */
  cpuSeconds: count,
  /** Unix time. */
  startedAt: count,
  residentBytes: count,
  heapUsedBytes: count,
  heapTotalBytes: count,
  externalBytes: count,
  /** By how much the event loop was late since the last look. */
  eventLoopLag: z.object({ p50: count, p99: count, max: count }),
  /** Connections to Headrace's own database, and who waits for one. */
  pool: z.object({ total: count, idle: count, waiting: count }),
})
export type ProcessFigures = z.infer<typeof processFiguresSchema>

/** What a worker sends with its heartbeat. Counts are since its process started. */
export const workerFiguresSchema = processFiguresSchema.extend({
  /** Ends of attempts by how they ended. */
  attempts: z.record(z.string(), count),
  /** How long tasks that could run waited for this worker: attempts for each bound of the histogram, and for what is longer. */
  latency: z.object({ counts: z.array(count).length(LATENCY_BUCKETS.length + 1), sum: count }),
  /** Spans that went to the trace collector, and those that it could not take. */
  spans: z.object({ exported: count, dropped: count }),
})
export type WorkerFigures = z.infer<typeof workerFiguresSchema>
