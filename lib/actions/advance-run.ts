import type { PgBoss } from "pg-boss"
import type { TaskRunId } from "../domain/ids.ts"
import { areAllFinal, decideTrigger, TEARDOWN_RULE, type TriggerDecision } from "../domain/trigger-rule.ts"
import { announce } from "../store/notify.ts"
import { enqueueTaskRuns, type ReadyTaskRun } from "../store/queue.ts"
import { type LockedRun, lockRun, startQueuedRuns } from "../store/runs.ts"
import { applySkips, readStates } from "../store/skips.ts"
import { countOutcomes, type Decision, readPending, type TaskRunRow, writeDecisions } from "../store/task-runs.ts"
import type { Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"
import { expandTasks } from "./expand-tasks.ts"
import { finishRun } from "./finish-run.ts"
import { settleInstances } from "./settle-instances.ts"
import { taskRunEvent } from "./task-run-event.ts"

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

/**
 * Decides every pending task run of a run; for its start, and after a clear or a mark. `ended` are task runs that became
 * final in this transaction and are not yet counted anywhere.
 */
export async function releasePending(step: RunStep, ended: readonly TaskRunId[] = []): Promise<Advance> {
  const ruledOut = await skipRuledOut(step, null)
  const first = await applyDecisions(step, await readPending(step.transaction, step.run.id))
  const final = [...ended, ...ruledOut, ...first.final]
  const carried = await carry(step, final)
  const hasEnded = await takeOff(step, final.length + carried.final)
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
    const ruledOut = await skipRuledOut(step, wave)
    const settled = await settleInstances(step, wave)
    const written = await applyDecisions(step, await countOutcomes(step.transaction, step.run.id, wave))
    total.ready += settled.ready + written.ready
    wave = [...ruledOut, ...settled.final, ...written.final]
    total.final += wave.length
  }
  return total
}

/** Skips what branches and short-circuits among `deciders` (null: all of the run) decided against. */
async function skipRuledOut(step: RunStep, deciders: readonly TaskRunId[] | null): Promise<TaskRunId[]> {
  const { shape } = await readVersion(step.transaction, step.run.versionId)
  if (!shape.hasChoices) return []
  const skipped = await applySkips(step.transaction, step.run.id, deciders)
  await announce(
    step.transaction,
    skipped.map((task) => taskRunEvent(step.run, task, "skipped")),
  )
  return skipped.map((task) => task.id)
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
  step: RunStep,
  touched: readonly TaskRunRow[],
): Promise<{ ready: number; final: TaskRunId[] }> {
  const { transaction, boss, run } = step
  const { shape } = await readVersion(transaction, run.versionId)
  const pending = await withSetups(
    step,
    touched.filter((row) => row.state === "pending"),
  )
  const all = pending.flatMap(toDecision)
  const isMapped = (decision: Decision & { taskId: string }) =>
    decision.state === "ready" && shape.mapped.has(decision.taskId)
  const expanded = await expandTasks(step, all.filter(isMapped))
  const decisions = all.filter((decision) => !isMapped(decision))
  if (decisions.length === 0) return expanded
  const written = await writeDecisions(transaction, decisions)
  const ready: ReadyTaskRun[] = written.filter((row) => row.state === "ready")
  await enqueueTaskRuns(boss, transaction, ready)
  const final = written.filter((row) => row.state !== "ready")
  await announce(
    transaction,
    final.map((row) => taskRunEvent(run, row, row.state)),
  )
  return { ready: ready.length + expanded.ready, final: [...expanded.final, ...final.map((row) => row.id)] }
}

/** Adds how their setups ended to the tear-downs whose upstreams are all final. */
async function withSetups(step: RunStep, rows: readonly TaskRunRow[]): Promise<readonly TaskRunRow[]> {
  const teardowns = rows.filter((row) => row.triggerRule === TEARDOWN_RULE && areAllFinal(row))
  if (teardowns.length === 0) return rows
  const { shape } = await readVersion(step.transaction, step.run.versionId)
  const setupsOf = (row: TaskRunRow) => shape.setupsOf.get(row.taskId) ?? []
  const states = await readStates(step.transaction, step.run.id, teardowns.flatMap(setupsOf))
  return rows.map((row) => {
    if (!teardowns.includes(row)) return row
    const ended = setupsOf(row).map((id) => states.get(id))
    const success = ended.filter((state) => state === "success").length
    const skipped = ended.filter((state) => state === "skipped").length
    return { ...row, setups: { success, skipped, failed: ended.length - success - skipped } }
  })
}

const STATE_OF = { release: "ready", skip: "skipped", upstream_fail: "upstream_failed" } as const satisfies Record<
  Exclude<TriggerDecision, "wait">,
  Decision["state"]
>

function toDecision(row: TaskRunRow): (Decision & { taskId: string })[] {
  const decision = decideTrigger(row.triggerRule, row)
  if (decision === "wait") return []
  return [{ id: row.id, taskId: row.taskId, state: STATE_OF[decision], reason: reasonFor(decision, row) }]
}

function reasonFor(decision: TriggerDecision, row: TaskRunRow): string | null {
  if (decision === "release") return null
  if (row.setups) return "None of its setups succeeded: there is nothing to tear down."
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
