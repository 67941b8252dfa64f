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
  const latency = new Map<number, number>()
  const attempts: Record<string, number> = {}
  let latencySum = 0
  return {
    claimed(waitedMs) {
      const seconds = Math.max(0, waitedMs / 1_000)
      const bound = LATENCY_BUCKETS.find((each) => seconds <= each) ?? Infinity
      latency.set(bound, (latency.get(bound) ?? 0) + 1)
      latencySum += seconds
    },
    ended(outcome) {
      attempts[outcome] = (attempts[outcome] ?? 0) + 1
    },
    read: () => ({
      ...meter.read(pool),
      attempts: { ...attempts },
      latency: {
        // JSON has no infinity.
        counts: [...latency].map(([bound, n]) => [bound === Infinity ? null : bound, n]),
        sum: latencySum,
      },
      spans: spans(),
    }),
  }
}
