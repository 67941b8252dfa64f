import type { Logger } from "pino"
import { judgeSeries } from "#lib/actions/judge-series.ts"
import type { Store } from "#lib/store/client.ts"
import { Loop } from "../scheduler/loop.ts"

export interface SeriesSweep {
  /** Something was measured. */
  wake(): void
  stop(): Promise<void>
}

/** The backstop for a lost notification, and for what another worker was judging when it came. */
const POLL_MS = 5_000

/** Judges what was measured, in this worker beside all others, right after it was. */
export function startSeries(parts: { store: Store; log: Pick<Logger, "info" | "warn"> }): SeriesSweep {
  const { store, log } = parts
  const judging = new Loop({
    everyMs: POLL_MS,
    step: async () => {
      const { unusual } = await judgeSeries(store, new Date())
      if (unusual > 0) log.info({ unusual }, "unusual measurements")
      return null
    },
    onError: (error) => log.warn({ loop: "series", error: String(error) }, "loop step failed"),
  })
  judging.wake()
  return { wake: () => judging.wake(), stop: () => judging.stop() }
}
