import { pino } from "pino"

/** The process log: one JSON object a line on stdout, with runId, taskId and pipeline where they apply. */
export const log = pino({
  base: null,
  level: "info",
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (level) => ({ level }) },
})
