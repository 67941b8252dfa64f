import type { Logger } from "pino"
import type { WorkerFigures } from "#lib/contracts/process-figures.ts"
import type { Config } from "#lib/server/config.ts"
import { createSpanQueue } from "#lib/server/tracing/span-queue.ts"
import type { Store } from "#lib/store/client.ts"
import { startTraceCursor } from "#lib/store/trace-cursor.ts"
import { Loop } from "../scheduler/loop.ts"
import { type AttemptFacts, type AttemptTrace, traceAttempt } from "./attempt-trace.ts"
import { traceEndedRuns } from "./trace-ended-runs.ts"

export interface Tracing {
  /** Null where the attempt's run is not traced. */
  attempt(facts: AttemptFacts): AttemptTrace | null
  counts(): WorkerFigures["spans"]
  /** Sends what is left, for 2 s at most. */
  stop(): Promise<void>
}

const NO_TRACING: Tracing = {
  attempt: () => null,
  counts: () => ({ exported: 0, dropped: 0 }),
  stop: async () => {},
}

/**
 * Traces runs to a collector. Attempts and their statements are told as they end, by the worker that had them; runs, tasks
 * and attempts whose worker was lost when the run has ended, by one of the workers, from what is stored. Nothing of it holds up
 * a task: spans for which there is no room are counted and dropped. Without a collector nothing is loaded.
 */
export async function startTracing(parts: { store: Store; config: Config; log: Logger }): Promise<Tracing> {
  const { store, config, log } = parts
  const { tracing } = config
  if (!tracing) return NO_TRACING
  const { createOtlpSender } = await import("#lib/server/tracing/otlp-sender.ts")
  const queue = createSpanQueue({
    send: createOtlpSender(tracing),
    onTrouble: (error) =>
      log.warn({ error: error instanceof Error ? error.message : String(error) }, "trace collector takes no spans"),
  })
  await startTraceCursor(store.pool)
  const ends = new Loop({
    everyMs: 1_000,
    step: async () => {
      const isMore = await traceEndedRuns(store, queue, tracing.sample)
      return isMore ? new Date() : null
    },
    onError: (error) => log.warn({ loop: "tracing", error: String(error) }, "loop step failed"),
  })
  ends.wake()
  return {
    attempt: (facts) => traceAttempt(facts, tracing.sample, queue.push),
    counts: queue.counts,
    async stop() {
      await ends.stop()
      await queue.close(2_000)
    },
  }
}
