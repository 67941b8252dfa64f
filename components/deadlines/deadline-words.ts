import type { DeadlineView } from "#lib/contracts/api/deadlines.ts"

/** What became of telling somebody, in words; empty where nobody was to be told. */
export function alertWords({ channel, delivery }: Pick<DeadlineView, "channel" | "delivery">): string {
  if (channel === null || delivery === "none") return ""
  if (delivery === "sent") return `${channel} was told`
  return delivery === "waiting" ? `${channel} is being told` : `${channel} could not be told`
}

/** The deadlines of a run that a person should see: what was missed, and else what is still to be kept. */
export function shownDeadlines(deadlines: readonly DeadlineView[], isOver: boolean): DeadlineView[] {
  const missed = deadlines.filter(({ state }) => state === "missed" || state === "late")
  if (missed.length > 0 || isOver) return missed
  return deadlines
    .filter(({ state }) => state === "pending")
    .sort((a, b) => a.dueAt.localeCompare(b.dueAt))
    .slice(0, 2)
}
