import type { MetricsSnapshot } from "#lib/store/read/metrics.ts"
import { type Exposition, labels, type Sample } from "./exposition.ts"

/** What waits, and what for. */
export function renderQueue(out: Exposition, { live, pools }: MetricsSnapshot): void {
  out.family({ name: "headrace_queue_depth", type: "gauge", help: "Task runs that wait, by what for." }, [
    [live.waitingForWorker, labels({ waiting_for: "worker" })],
    [live.waitingForSlot, labels({ waiting_for: "slot" })],
    [live.retrying, labels({ waiting_for: "retry" })],
    [live.deferred, labels({ waiting_for: "event" })],
  ])
  out.family(
    { name: "headrace_queue_oldest_seconds", type: "gauge", help: "How long the task run waits that waits longest." },
    [
      [live.waitingForWorkerAge ?? 0, labels({ waiting_for: "worker" })],
      [live.waitingForSlotAge ?? 0, labels({ waiting_for: "slot" })],
    ],
  )
  out.family({ name: "headrace_runs", type: "gauge", help: "Runs that have not ended." }, [
    [live.runsQueued, labels({ state: "queued" })],
    [live.runsRunning, labels({ state: "running" })],
    [live.runsCancelling, labels({ state: "cancelling" })],
  ])
  out.family(
    {
      name: "headrace_scheduler_lag_seconds",
      type: "gauge",
      help: "By how much the scheduled run is late that is due longest.",
    },
    [[live.schedulerLag]],
  )
  out.family(
    { name: "headrace_pool_slots", type: "gauge", help: "Slots of a pool." },
    pools.flatMap(({ name, capacity }): Sample[] => (capacity === null ? [] : [[capacity, labels({ pool: name })]])),
  )
  out.family(
    { name: "headrace_pool_slots_used", type: "gauge", help: "Slots of a pool that task runs hold." },
    pools.map(({ name, used }) => [used, labels({ pool: name })]),
  )
  out.family(
    { name: "headrace_pool_waiting", type: "gauge", help: "Task runs that wait for a slot of a pool." },
    pools.map(({ name, waiting }) => [waiting, labels({ pool: name })]),
  )
}
