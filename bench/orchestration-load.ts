import { setTimeout as delay } from "node:timers/promises"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import type { RunId } from "#lib/domain/ids.ts"
import type { Store } from "#lib/store/client.ts"
import { waitFor } from "#test/spawn-worker.ts"
import type { Row } from "./harness.ts"
import type { BenchWorker } from "./open-worker.ts"
import { quantile } from "./quantile.ts"

/** Seconds that Airflow 2.0 takes for the same shapes (Astronomer, "The Airflow 2.0 Scheduler", 2020). */
const SHAPES = [
  { name: "100 pipelines × 10 in a row", prefix: "linear_10", pipelines: 100, airflowSeconds: 11.6 },
  { name: "10 pipelines × 100 in a row", prefix: "linear_100", pipelines: 10, airflowSeconds: 14.3 },
  { name: "100 pipelines × 10 in a binary tree", prefix: "tree_10", pipelines: 100, airflowSeconds: 12.0 },
]
const ROUNDS = 3
/** Runs of ten tasks that exist at a time while throughput is measured. */
const BACKLOG_RUNS = 100
const SUSTAINED_TASKS = 10_000
const LATENCY_SECONDS = 5
const BOSS_JOBS = 20_000

/** All figures that one worker is measured by. */
export async function measureLoad(worker: BenchWorker): Promise<Row[]> {
  const rows: Row[] = []
  for (const shape of SHAPES) {
    const ids = Array.from({ length: shape.pipelines }, (_, index) => `${shape.prefix}_${index}`)
    const seconds: number[] = []
    for (let round = 0; round < ROUNDS; round++) seconds.push(await secondsFor(worker, ids))
    rows.push({
      name: shape.name,
      value: quantile(seconds, 0.5),
      unit: "s",
      ratio: quantile(seconds, 0.5) / shape.airflowSeconds,
      of: `Airflow 2.0, as published (${shape.airflowSeconds} s)`,
    })
  }
  const sustained = await sustainedPerSecond(worker)
  const boss = await bossPerSecond(worker.store)
  rows.push(
    {
      name: "tasks that do nothing, sustained",
      value: sustained,
      unit: "/s",
      ratio: sustained / boss,
      of: "raw pg-boss",
    },
    { name: "raw pg-boss, fetch and complete", value: boss, unit: "/s" },
  )
  for (const perSecond of [100, 500]) {
    const { p50, p95 } = await latencyMs(worker, perSecond)
    rows.push(
      { name: `ready to start at ${perSecond} tasks/s, p50`, value: p50, unit: "ms" },
      { name: `ready to start at ${perSecond} tasks/s, p95`, value: p95, unit: "ms" },
    )
  }
  return rows
}

/** From the first trigger to the end of the last run. */
async function secondsFor(worker: BenchWorker, pipelineIds: readonly string[]): Promise<number> {
  const begin = performance.now()
  const runIds = await Promise.all(pipelineIds.map((id) => trigger(worker.store, id)))
  await untilEnded(worker, runIds)
  return (performance.now() - begin) / 1000
}

/** Task runs a second while there is always a backlog, creating their runs included. */
export async function sustainedPerSecond(worker: BenchWorker): Promise<number> {
  const runs = SUSTAINED_TASKS / 10
  const runIds: RunId[] = []
  const begin = performance.now()
  // Triggers are closed-loop: a new run for each one that ends, in the order of creation.
  for (let made = 0; made < runs; ) {
    const live = await countLive(worker.store)
    const missing = Math.min(runs - made, BACKLOG_RUNS - live)
    const fresh = Array.from({ length: Math.max(0, missing) }, () => trigger(worker.store, `tree_10_${made++ % 100}`))
    runIds.push(...(await Promise.all(fresh)))
    if (missing < 10) await delay(10)
  }
  await untilEnded(worker, runIds)
  return SUSTAINED_TASKS / ((performance.now() - begin) / 1000)
}

async function latencyMs(worker: BenchWorker, perSecond: number): Promise<{ p50: number; p95: number }> {
  const runsPerSecond = perSecond / 10
  const begin = performance.now()
  const runIds: Promise<RunId>[] = []
  for (let index = 0; index < runsPerSecond * LATENCY_SECONDS; index++) {
    await delay(Math.max(0, begin + (index * 1000) / runsPerSecond - performance.now()))
    runIds.push(trigger(worker.store, "flat_10"))
  }
  const ids = await Promise.all(runIds)
  await untilEnded(worker, ids)
  const { rows } = await worker.store.pool.query<{ ms: number }>(
    `select extract(epoch from a.started_at - t.ready_at)::float8 * 1000 as ms
     from task_run t join attempt a on a.task_run_id = t.id
     where t.run_id = any ($1::bigint[])`,
    [ids],
  )
  const ms = rows.map((row) => row.ms)
  return { p50: quantile(ms, 0.5), p95: quantile(ms, 0.95) }
}

/** pg-boss alone, with the batches that a busy worker takes. */
async function bossPerSecond({ boss, pool }: Store): Promise<number> {
  const queue = "bench-raw"
  await boss.createQueue(queue, { retryLimit: 0 })
  for (let index = 0; index < BOSS_JOBS; index += 1_000) {
    await boss.insert(
      queue,
      Array.from({ length: 1_000 }, () => ({ data: { taskRunId: "1" } })),
    )
  }
  // As autovacuum does for queues that are not a second old.
  await pool.query("analyze pgboss.job")
  const begin = performance.now()
  for (;;) {
    const jobs = await boss.fetch(queue, { batchSize: 100 })
    if (jobs.length === 0) break
    await boss.complete(
      queue,
      jobs.map((job) => job.id),
    )
  }
  const seconds = (performance.now() - begin) / 1000
  await boss.deleteQueue(queue)
  return BOSS_JOBS / seconds
}

let sequence = 0
async function trigger(store: Store, pipelineId: string): Promise<RunId> {
  const logicalAt = new Date(Date.UTC(2030, 0, 1) + sequence++)
  const { runId } = await triggerRun(store, { pipelineId, kind: "manual", actor: "bench", logicalAt })
  return runId
}

async function countLive(store: Store): Promise<number> {
  const { rows } = await store.pool.query<{ live: number }>(
    "select count(*)::int as live from run where state in ('queued', 'running')",
  )
  return rows[0]!.live
}

async function untilEnded(worker: BenchWorker, runIds: readonly RunId[]): Promise<void> {
  await waitFor(worker.databaseUrl, `${runIds.length} runs to end`, async () => (await countLive(worker.store)) === 0)
  const { rows } = await worker.store.pool.query<{ id: string; state: string; message: string }>(
    `select id, state, error_message as message from run where id = any ($1::bigint[]) and state <> 'success'`,
    [runIds],
  )
  const [wrong] = rows
  if (wrong) throw new Error(`${rows.length} runs did not succeed; ${wrong.id} is ${wrong.state}: ${wrong.message}`)
}
