/**
 * The unit of priority: one point is worth one second of waiting. Priority that grows linearly with time orders any two
 * waiting tasks the same way at every moment, so the place in the queue is a number that is computed once, when the task
 * becomes ready: its priority less the time. Of two tasks, the one with the larger number goes first.
 */

/** Seconds are counted from here, so that the number fits an int32 until 2094. */
export const QUEUE_EPOCH = "2026-01-01T00:00:00Z"

/** Live runs outrank backfills by this much: a backfill's task waits behind live ones that became ready up to so many seconds later. */
export const RUN_PRIORITY = { schedule: 1000, dataset: 1000, event: 1000, manual: 1100, backfill: 0 } as const

/** A chain of tasks, however long, weighs no more than this: half of what live runs are ahead of backfills. */
export const MAX_TASK_PRIORITY = 500

/** The place in the queue of a task of `priority` points that became ready at `readyAt`. */
export function queuePriority(priority: number, readyAt: Date): number {
  return priority - Math.round((readyAt.getTime() - Date.parse(QUEUE_EPOCH)) / 1000)
}
