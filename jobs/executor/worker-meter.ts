import type pg from "pg"
import type { AttemptOutcome } from "#lib/actions/plan-attempt-end.ts"
import type { WorkerFigures } from "#lib/contracts/process-figures.ts"
import { LATENCY_BUCKETS } from "#lib/domain/duration-buckets.ts"
import { createProcessMeter } from "#lib/server/metrics/process-meter.ts"

export interface WorkerMeter {
  /** An attempt was claimed that could have run for so long. */
  claimed(waitedMs: number): void
  ended(outcome: AttemptOutcome["kind"]): void
  read(): WorkerFigures
}

/** Counts what a worker does since its start; its heartbeat takes the figures to where every web process can read them. */
export function createWorkerMeter(pool: pg.Pool, spans: () => WorkerFigures["spans"]): WorkerMeter {
  const meter = createProcessMeter()
  const latency = new Array<number>(LATENCY_BUCKETS.length + 1).fill(0)
  const attempts: Record<string, number> = {}
  let latencySum = 0
  return {
    claimed(waitedMs) {
      const seconds = Math.max(0, waitedMs / 1_000)
      const place = LATENCY_BUCKETS.findIndex((bound) => seconds <= bound)
      latency[place === -1 ? LATENCY_BUCKETS.length : place]!++
      latencySum += seconds
    },
    ended(outcome) {
      attempts[outcome] = (attempts[outcome] ?? 0) + 1
    },
    read: () => ({
      ...meter.read(pool),
      attempts: { ...attempts },
      latency: { counts: [...latency], sum: latencySum },
      spans: spans(),
    }),
  }
}
