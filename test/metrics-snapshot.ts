import type { ProcessFigures, WorkerFigures } from "#lib/contracts/process-figures.ts"
import { DURATION_BUCKETS, LATENCY_BUCKETS } from "#lib/domain/duration-buckets.ts"
import type { MetricsSnapshot } from "#lib/store/read/metrics.ts"

export const PROCESS_FIGURES: ProcessFigures = {
  cpuSeconds: 12.5,
  startedAt: 1_767_225_600,
  residentBytes: 90_000_000,
  heapUsedBytes: 40_000_000,
  heapTotalBytes: 60_000_000,
  externalBytes: 3_000_000,
  eventLoopLag: { p50: 0.001, p99: 0.02, max: 0.2 },
  pool: { total: 8, idle: 6, waiting: 0 },
}

const WORKER_FIGURES: WorkerFigures = {
  ...PROCESS_FIGURES,
  attempts: { success: 20, failed: 1 },
  latency: { counts: [...LATENCY_BUCKETS, Infinity].map((_, place) => place), sum: 7.5 },
  spans: { exported: 100, dropped: 2 },
}

/** An estate of which every metric has something to say. */
export const EVERYTHING: MetricsSnapshot = {
  pipelines: [{ id: "orders", owner: "Data platform", version: 3, isPaused: false, runningSeconds: 12 }],
  pipelinesLeftOut: 0,
  runs: [
    {
      pipelineId: "orders",
      status: "success",
      runs: 9,
      lastAt: 1_767_225_600,
      durations: [...DURATION_BUCKETS, Infinity].map((_, place) => place),
      seconds: 1_234.5,
    },
  ],
  datasets: [{ id: "warehouse.marts.orders", ageSeconds: 60, overdueSeconds: -30, rows: "12", score: 99 }],
  datasetsLeftOut: 0,
  loads: [
    {
      pipelineId: "orders",
      datasetId: "warehouse.marts.orders",
      inserted: "10",
      updated: "2",
      deleted: "1",
      rejected: "0",
      loads: "3",
      lastRows: "4",
    },
  ],
  live: {
    waitingForWorker: 1,
    waitingForWorkerAge: 2,
    waitingForSlot: 0,
    waitingForSlotAge: null,
    retrying: 0,
    deferred: 0,
    runsQueued: 0,
    runsRunning: 1,
    runsCancelling: 0,
    schedulerLag: 0,
    workspaceProblems: 0,
    anomalies: 0,
    deadlinesMissed: 0,
    webhooksWaiting: 0,
    webhooksWaitingAge: null,
    webhooksDead: 0,
  },
  incidents: [{ kind: "run", severity: "critical", state: "open", count: 1 }],
  alerts: [{ channel: "oncall", pending: 0, pendingAge: null, sent: "3", failed: "0", dropped: "0" }],
  pools: [{ name: "warehouse", capacity: 4, used: 1, waiting: 0 }],
  workers: [
    {
      id: "worker-1",
      host: "here",
      version: "0.1.0",
      state: "active",
      slots: 16,
      busy: 1,
      heartbeatAge: 2,
      figures: WORKER_FIGURES,
    },
  ],
}
