import type { LogLine } from "#lib/contracts/api/runs.ts"
import { withQuery } from "../queries/client.ts"

/**
 * Follows an attempt's log from line `from` on, until its end or until the returned function is called. The browser takes
 * a broken connection up again after the last line received, so `onLines` sees each line once and in order.
 */
export function tailLog(attemptId: string, from: number, onLines: (lines: LogLine[]) => void): () => void {
  const source = new EventSource(withQuery(`/attempts/${attemptId}/logs/stream`, { from }))
  source.addEventListener("lines", (event: MessageEvent<string>) => onLines(JSON.parse(event.data) as LogLine[]))
  // Without this the browser would connect again, and read the end again, for ever.
  source.addEventListener("end", () => source.close())
  return () => source.close()
}
