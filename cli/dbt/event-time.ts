import { CliError, EXIT } from "../exit-code.ts"
import type { RunFlags } from "./options.ts"

/** `--event-time-start` and `--event-time-end`, which go together; a time without a zone is one of UTC. @throws CliError */
export function eventTimeOf({ eventTimeStart, eventTimeEnd }: RunFlags): { start: Date; end: Date } | null {
  if (eventTimeStart === undefined && eventTimeEnd === undefined) return null
  if (eventTimeStart === undefined || eventTimeEnd === undefined) {
    throw new CliError("--event-time-start and --event-time-end go together: give both.", EXIT.usage)
  }
  const range = { start: instantOf(eventTimeStart), end: instantOf(eventTimeEnd) }
  if (range.start >= range.end) throw new CliError("--event-time-start has to be before --event-time-end.", EXIT.usage)
  return range
}

const INSTANT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/

function instantOf(text: string): Date {
  const match = INSTANT.exec(text)
  const hasTime = text.length > 10
  const instant = new Date(hasTime && !match?.[1] ? `${text.replace(" ", "T")}Z` : text)
  if (!match || Number.isNaN(instant.getTime())) {
    throw new CliError(`"${text}" is no time: write 2026-01-31 or 2026-01-31T06:00:00.`, EXIT.usage)
  }
  return instant
}
