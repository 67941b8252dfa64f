import { writeSync } from "node:fs"
import { pino } from "pino"

const STDOUT = 1
/** A reader of a pipe that is slow is waited for so often, so long each. */
const MAX_PAUSES = 100
const PAUSE_MS = 10

/**
 * The process log: one JSON object a line on stdout, with runId, taskId and pipeline where they apply. What cannot be written
 * because the disk is full or the reader is gone is lost; pino's own destination ends the process then, or hangs at its end.
 */
export const log = pino(
  {
    base: null,
    level: "info",
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  },
  { write },
)

function write(line: string): void {
  let rest = Buffer.from(line)
  for (let pauses = 0; rest.length > 0 && pauses < MAX_PAUSES; ) {
    try {
      rest = rest.subarray(writeSync(STDOUT, rest))
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) return
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
      pauses++
    }
  }
}
