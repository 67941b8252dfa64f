/** When a task went, by the clock. Milliseconds since the epoch. */
export interface TaskSpan {
  id: string
  upstream: readonly string[]
  /** When its trigger rule was met; null where that is not known. */
  readyAt: number | null
  /** Of its first attempt. */
  start: number
  /** Of its last attempt; for what still goes on, now. */
  end: number
}

/** One task of a {@link criticalPath}. */
export interface CriticalStep {
  id: string
  /** When the step before it ended; for the first, when it was ready. */
  since: number
  start: number
  end: number
}

/**
 * The chain of tasks that decided when a run ended, in order: from the task that ended last, back through the upstream
 * whose end let it go. That is the last one to end before it was ready; a rule such as `one_success` does not wait for the
 * others. Every step starts at or after `since`, so what lies between are waits (slot, worker, scheduler) and the steps
 * add up to the whole time. Empty where nothing ran. Any change that makes none of these tasks or waits shorter does not
 * make the run shorter (Kelley and Walker 1959, with times that were measured instead of estimated).
 */
export function criticalPath(spans: readonly TaskSpan[]): CriticalStep[] {
  const byId = new Map(spans.map((span) => [span.id, span]))
  const steps: CriticalStep[] = []
  const seen = new Set<string>()
  let at = lastToEnd(spans)
  while (at !== null && !seen.has(at.id)) {
    seen.add(at.id)
    const before: TaskSpan | null = releaserOf(at, byId)
    const since = Math.min(at.start, before?.end ?? at.readyAt ?? at.start)
    steps.unshift({ id: at.id, since, start: at.start, end: at.end })
    at = before
  }
  return steps
}

/** How much of a path was work and how much was waiting. Milliseconds. */
export function pathTimes(steps: readonly CriticalStep[]): { ranMs: number; waitedMs: number } {
  return steps.reduce(
    (sum, step) => ({
      ranMs: sum.ranMs + step.end - step.start,
      waitedMs: sum.waitedMs + step.start - step.since,
    }),
    { ranMs: 0, waitedMs: 0 },
  )
}

/** The upstream that let a task go. A clear or a clock may leave none that ended in time: then the last of all. */
function releaserOf(span: TaskSpan, byId: ReadonlyMap<string, TaskSpan>): TaskSpan | null {
  const upstream = span.upstream.flatMap((id) => byId.get(id) ?? [])
  const decidedAt = Math.min(span.start, span.readyAt ?? span.start)
  return lastToEnd(upstream.filter((one) => one.end <= decidedAt)) ?? lastToEnd(upstream)
}

function lastToEnd(spans: readonly TaskSpan[]): TaskSpan | null {
  return spans.reduce<TaskSpan | null>((last, span) => (last === null || span.end > last.end ? span : last), null)
}
