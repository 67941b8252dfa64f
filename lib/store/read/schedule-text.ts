import cronstrue from "cronstrue"
import type { Schedule } from "../../domain/schedule.ts"

/** A schedule in words, with its zone: "At 05:00 (Europe/Berlin)". An expression that cannot be put so stays as it is. */
export function scheduleText({ cron, timezone }: Schedule): string {
  return `${inWords(cron)} (${timezone})`
}

function inWords(cron: string): string {
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true })
  } catch {
    return cron
  }
}
