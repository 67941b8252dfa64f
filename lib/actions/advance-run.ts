import type { PgBoss } from "pg-boss"
import type { LiveEvent } from "../contracts/api/system.ts"
import type { TaskRunId } from "../domain/ids.ts"
import { decideTrigger, type TriggerDecision } from "../domain/trigger-rule.ts"
import { announce } from "../store/notify.ts"
import { enqueueTaskRuns, type ReadyTaskRun } from "../store/queue.ts"
import { type LockedRun, lockRun, startQueuedRuns } from "../store/runs.ts"
import { countOutcomes, type Decision, readPending, type TaskRunRow, writeDecisions } from "../store/task-runs.ts"
import type { Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { finishRun } from "./finish-run.ts"

/** What every step inside a run needs: its transaction, the queue, and the run's locked row. */
export interface RunStep {
  transaction: Transaction
  boss: PgBoss
  run: LockedRun
}

/**
 * Carries the outcome of finished task runs down the graph: counts them at their downstreams, decides those whose
 * trigger rule is settled, enqueues the ready ones, and ends the run when nothing is left. `finished` are task runs that
 * became final in this transaction and are not yet taken off the run's count.
 */
export async function advanceRun(step: RunStep, finished: readonly TaskRunId[]): Promise<Advance> {
  const carried = await carry(step, finished)
  const hasEnded = await takeOff(step, finished.length + carried.final)
  return { enqueued: carried.ready, hasEnded }
}

/** Decides every pending task run of a run; for its start, and after a clear or a mark. */
export async function releasePending(step: RunStep): Promise<Advance> {
  const first = await applyDecisions(step, await readPending(step.transaction, step.run.id))
  const carried = await carry(step, first.final)
  const hasEnded = await takeOff(step, first.final.length + carried.final)
  return { enqueued: first.ready + carried.ready, hasEnded }
}

export interface Advance {
  /** Task runs put on the queue. */
  enqueued: number
  /** Whether this step ended the run. */
  hasEnded: boolean
}

async function carry(step: RunStep, finished: readonly TaskRunId[]): Promise<{ ready: number; final: number }> {
  const total = { ready: 0, final: 0 }
  for (let wave = finished; wave.length > 0; ) {
    const written = await applyDecisions(step, await countOutcomes(step.transaction, step.run.id, wave))
    total.ready += written.ready
    total.final += written.final.length
    wave = written.final
  }
  return total
}

/** Starts as many of a pipeline's queued runs as its limit allows and releases their first tasks. */
export async function startRuns(transaction: Transaction, boss: PgBoss, pipelineId: string): Promise<void> {
  const limit = await maxActiveRuns(transaction, pipelineId)
  for (const runId of await startQueuedRuns(transaction, pipelineId, limit)) {
    const run = await lockRun(transaction, runId)
    if (!run) continue
    await announce(transaction, [{ type: "run", id: run.id, pipelineId, state: "running" }])
    await releasePending({ transaction, boss, run })
  }
}

async function maxActiveRuns(transaction: Transaction, pipelineId: string): Promise<number> {
  // The newest version's limit holds, also for runs that pin an older one; a removed pipeline's rest runs one by one.
  const { rows } = await transaction.query<{ id: string }>(
    `select v.id from pipeline p join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
     where p.id = $1`,
    [pipelineId],
  )
  const id = rows[0]?.id
  return id ? (await readVersion(transaction, id as Parameters<typeof readVersion>[1])).manifest.maxActiveRuns : 1
}

async function applyDecisions(
  { transaction, boss, run }: RunStep,
  touched: readonly TaskRunRow[],
): Promise<{ ready: number; final: TaskRunId[] }> {
  const decisions = touched.filter((row) => row.state === "pending").flatMap(toDecision)
  if (decisions.length === 0) return { ready: 0, final: [] }
  const written = await writeDecisions(transaction, decisions)
  const ready: ReadyTaskRun[] = written.filter((row) => row.state === "ready")
  await enqueueTaskRuns(boss, transaction, ready)
  const events = written
    .filter((row) => row.state !== "ready")
    .map(
      (row): LiveEvent => ({
        type: "task_run",
        id: row.id,
        runId: run.id,
        pipelineId: run.pipelineId,
        taskId: row.taskId,
        state: row.state,
      }),
    )
  await announce(transaction, events)
  return { ready: ready.length, final: written.filter((row) => row.state !== "ready").map((row) => row.id) }
}

const STATE_OF = { release: "ready", skip: "skipped", upstream_fail: "upstream_failed" } as const satisfies Record<
  Exclude<TriggerDecision, "wait">,
  Decision["state"]
>

function toDecision(row: TaskRunRow): Decision[] {
  const decision = decideTrigger(row.triggerRule, row)
  if (decision === "wait") return []
  return [{ id: row.id, state: STATE_OF[decision], reason: reasonFor(decision, row) }]
}

function reasonFor(decision: TriggerDecision, row: TaskRunRow): string | null {
  if (decision === "release") return null
  const counts = `${row.success} succeeded, ${row.failed} failed, ${row.skipped} skipped of ${row.total} upstream`
  return `Trigger rule ${row.triggerRule} cannot be met: ${counts}.`
}

/** Takes final task runs off the run's count; ends the run when none is left, and says so. */
async function takeOff(step: RunStep, count: number): Promise<boolean> {
  const { rows } = await step.transaction.query<{ unfinished: number }>(
    "update run set unfinished = unfinished - $2 where id = $1 returning unfinished",
    [step.run.id, count],
  )
  step.run.unfinished = rows[0]?.unfinished ?? 0
  if (step.run.unfinished > 0) return false
  const hasEnded = await finishRun(step.transaction, step.run)
  if (hasEnded) await startRuns(step.transaction, step.boss, step.run.pipelineId)
  return hasEnded
}
