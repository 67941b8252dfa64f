import assert from "node:assert/strict"
import { type AttemptEvent, nextAttemptState } from "#lib/domain/attempt-state.ts"
import { reachable } from "#lib/domain/dag.ts"
import { isFinalRunState, nextRunState, type RunEvent } from "#lib/domain/run-state.ts"
import { isFinalTaskRunState, nextTaskRunState, type TaskRunEvent } from "#lib/domain/task-run-state.ts"
import type { Rules } from "./rules.ts"
import type { Attempt, Backfill, Pipeline, Run, TaskRun, World } from "./world.ts"

export type End = "success" | "skip" | "fail" | "never" | "time_out" | "lose" | "cancel" | "hand_back"

const ATTEMPT_EVENT = {
  success: "succeed",
  skip: "skip",
  fail: "fail",
  never: "fail",
  time_out: "time_out",
  lose: "lose",
  cancel: "cancel",
  hand_back: "cancel",
} as const satisfies Record<End, AttemptEvent>

/** The store's transactions, each whole or not at all, made of the rules of lib/domain. */
export class Transactions {
  readonly world: World
  readonly rules: Rules

  constructor(world: World, rules: Rules) {
    this.world = world
    this.rules = rules
  }

  /** Creates the runs that a scheduler whose clock shows `clockMs` finds due. */
  scheduleDue(pipeline: Pipeline, clockMs: number): void {
    if (!pipeline.schedule || pipeline.isPaused) return
    const now = new Date(clockMs)
    const due = this.rules.dueRuns({
      schedule: pipeline.schedule,
      lastLogicalAt: pipeline.lastLogicalAt,
      now,
      limit: 3,
    })
    for (const each of due.runs) this.createRun(pipeline, "schedule", each.logicalAt, each.intervalStart, null)
    pipeline.lastLogicalAt = due.runs.at(-1)?.logicalAt ?? pipeline.lastLogicalAt
  }

  /** Null where a run for this logical time exists already. */
  createRun(
    pipeline: Pipeline,
    kind: Run["kind"],
    logicalAt: Date,
    intervalStart: Date,
    backfill: Backfill | null,
  ): Run | null {
    const isThere = (run: Run) =>
      run.pipeline === pipeline && run.kind === kind && run.backfill === backfill && +run.logicalAt === +logicalAt
    if (this.rules.isUnique && this.world.runs.some(isThere)) return null
    const run: Run = {
      id: this.world.runs.length + 1,
      pipeline,
      kind,
      logicalAt,
      intervalStart,
      state: "queued",
      unfinished: pipeline.plan.length,
      wasReopened: false,
      backfill,
      taskRuns: [],
    }
    run.taskRuns = pipeline.plan.map(({ position }) => ({
      id: run.id * 1_000 + position,
      run,
      position,
      state: "pending",
      success: 0,
      failed: 0,
      skipped: 0,
      attemptCount: 0,
      attemptsBefore: 0,
      fence: null,
      nextAttemptAtMs: null,
      readySinceMs: null,
    }))
    this.world.runs.push(run)
    this.startRuns(pipeline)
    return run
  }

  /** Ready → running with a new fence, for up to `limit` tickets. Void tickets are used up. */
  claim(workerId: number, limit: number): Attempt[] {
    const tickets = this.world.tickets.splice(0, limit)
    return tickets.flatMap((id) => {
      const taskRun = this.taskRun(id)
      if (taskRun.state !== "ready" || taskRun.run.state !== "running") return []
      const fence = this.world.nextFence++
      this.move(taskRun, "claim")
      taskRun.fence = fence
      taskRun.attemptCount++
      const attempt: Attempt = { fence, taskRun, state: "running", workerId, heartbeatMs: this.world.nowMs }
      this.world.attempts.push(attempt)
      this.world.starts.push({ taskRun, fence })
      return [attempt]
    })
  }

  /** Renews a lease; false: the attempt was superseded or its run is being cancelled, so it must stop. */
  heartbeat(attempt: Attempt): boolean {
    if (attempt.state !== "running") return false
    attempt.heartbeatMs = this.world.nowMs
    return attempt.taskRun.run.state !== "cancelling"
  }

  /** Records how an attempt ended; false: it was superseded, and nothing was changed. */
  finish(attempt: Attempt, end: End, random: number): boolean {
    const { taskRun } = attempt
    if (this.rules.isFenced && (taskRun.fence !== attempt.fence || attempt.state !== "running")) return false
    this.endAttempt(attempt, end)
    taskRun.fence = null
    const isCancelling = taskRun.run.state === "cancelling"
    if (end === "cancel" || (isCancelling && end !== "success" && end !== "skip")) this.move(taskRun, "cancel")
    else if (end === "success") this.move(taskRun, "succeed")
    else if (end === "skip") this.move(taskRun, "skip")
    else if (end === "hand_back") {
      this.move(taskRun, "hand_back")
      taskRun.attemptsBefore++
      this.enqueue(taskRun)
    } else {
      const decision = this.rules.decideRetry(
        taskRun.run.pipeline.policies[taskRun.position]!,
        taskRun.attemptCount - taskRun.attemptsBefore,
        { retry: end === "never" ? "never" : "later" },
        random,
      )
      this.move(taskRun, decision.kind === "retry" ? "retry" : "fail")
      if (decision.kind === "retry") taskRun.nextAttemptAtMs = this.world.nowMs + decision.delayMs
    }
    if (isFinalTaskRunState(taskRun.state)) this.advance(taskRun.run, [taskRun])
    return true
  }

  promoteRetries(): void {
    for (const taskRun of this.allTaskRuns()) {
      if (taskRun.state !== "up_for_retry" || taskRun.nextAttemptAtMs! > this.world.nowMs) continue
      this.move(taskRun, "wake")
      taskRun.nextAttemptAtMs = null
      this.enqueue(taskRun)
    }
  }

  /** Attempts whose lease is over at the moment of looking; each is then ended in a transaction of its own. */
  findSilent(leaseMs: number): Attempt[] {
    return this.world.attempts.filter(
      (attempt) => attempt.state === "running" && attempt.heartbeatMs < this.world.nowMs - leaseMs,
    )
  }

  cancel(run: Run): void {
    if (isFinalRunState(run.state) || run.state === "cancelling") return
    const wasQueued = run.state === "queued"
    const waiting = run.taskRuns.filter((taskRun) => this.rules.cancels(taskRun.state))
    for (const taskRun of waiting) {
      this.move(taskRun, "cancel")
      taskRun.nextAttemptAtMs = null
    }
    this.moveRun(run, "cancel")
    if (wasQueued) {
      run.unfinished = 0
      this.startRuns(run.pipeline)
      if (run.backfill) this.advanceBackfill(run.backfill)
    } else this.advance(run, waiting)
  }

  /** Runs final tasks again, with all behind them. */
  clear(run: Run, positions: readonly number[]): void {
    if (run.state === "cancelling" || run.state === "queued") return
    const edges = new Map(run.pipeline.plan.map((task) => [`${task.position}`, task.downstream.map(String)]))
    const wanted = reachable(edges, positions.map(String))
    const chosen = run.taskRuns.filter(
      (taskRun) => wanted.has(`${taskRun.position}`) && isFinalTaskRunState(taskRun.state),
    )
    if (chosen.length === 0) return
    for (const taskRun of chosen) {
      this.move(taskRun, "clear")
      taskRun.attemptsBefore = taskRun.attemptCount
    }
    run.unfinished += chosen.length
    this.reopen(run)
    if (this.rules.recountsAfterClear) this.recountPending(run)
    this.releasePending(run)
  }

  mark(taskRun: TaskRun, as: "success" | "failed" | "skipped"): void {
    const { run } = taskRun
    const event = `mark_${as}` as const
    if (nextTaskRunState(taskRun.state, event) === null || run.state === "cancelling" || run.state === "queued") return
    const wasFinal = isFinalTaskRunState(taskRun.state)
    this.move(taskRun, event)
    taskRun.nextAttemptAtMs = null
    if (!wasFinal) run.unfinished--
    this.reopen(run)
    this.recountPending(run)
    this.releasePending(run)
  }

  /** Creates a backfill's next runs up to its concurrency; ends it when all are done. */
  advanceBackfill(backfill: Backfill): void {
    if (backfill.state !== "running") return
    const made = backfill.slots.flatMap((slot) => slot.run ?? [])
    const live = made.filter((run) => !isFinalRunState(run.state)).length
    const next = backfill.slots
      .filter((slot) => slot.action === "create" && slot.run === null)
      .slice(0, Math.max(0, backfill.concurrency - live))
    for (const slot of next) {
      const { start } = slot.partition
      slot.run = this.createRun(backfill.pipeline, "backfill", start, start, backfill)
    }
    if (next.length > 0 || live > 0) return
    backfill.state = made.some((run) => run.state !== "success") ? "failed" : "success"
  }

  cancelBackfill(backfill: Backfill): void {
    if (backfill.state !== "running") return
    backfill.state = "cancelled"
    for (const { run } of backfill.slots) if (run) this.cancel(run)
  }

  taskRun(id: number): TaskRun {
    return this.world.runs[Math.floor(id / 1_000) - 1]!.taskRuns[id % 1_000]!
  }

  allTaskRuns(): TaskRun[] {
    return this.world.runs.flatMap((run) => run.taskRuns)
  }

  private startRuns(pipeline: Pipeline): void {
    const ofPipeline = this.world.runs.filter((run) => run.pipeline === pipeline)
    let active = ofPipeline.filter((run) => run.state === "running" || run.state === "cancelling").length
    for (const run of ofPipeline) {
      if (run.state !== "queued") continue
      if (active >= pipeline.maxActiveRuns && this.rules.limitsRuns) return
      active++
      this.moveRun(run, "start")
      this.releasePending(run)
    }
  }

  private advance(run: Run, finished: readonly TaskRun[]): void {
    let ended = finished.length
    for (let wave = finished; wave.length > 0; ) {
      wave = this.decide(this.countOutcomes(run, wave))
      ended += wave.length
    }
    this.takeOff(run, ended)
  }

  private releasePending(run: Run): void {
    const first = this.decide(run.taskRuns.filter((taskRun) => taskRun.state === "pending"))
    this.advance(run, first)
  }

  private countOutcomes(run: Run, finished: readonly TaskRun[]): TaskRun[] {
    const touched = new Set<TaskRun>()
    for (const from of finished) {
      for (const position of run.pipeline.plan[from.position]!.downstream) {
        const taskRun = run.taskRuns[position]!
        if (taskRun.state !== "pending") continue
        taskRun[outcomeOf(from)]++
        touched.add(taskRun)
      }
    }
    return [...touched]
  }

  private recountPending(run: Run): void {
    for (const taskRun of run.taskRuns) {
      if (taskRun.state !== "pending") continue
      const upstream = run.pipeline.upstream[taskRun.position]!.map((position) => run.taskRuns[position]!)
      const done = upstream.filter((each) => isFinalTaskRunState(each.state)).map(outcomeOf)
      for (const outcome of ["success", "failed", "skipped"] as const) {
        taskRun[outcome] = done.filter((each) => each === outcome).length
      }
    }
  }

  /** Those that became final by the decision. */
  private decide(pending: readonly TaskRun[]): TaskRun[] {
    return pending.filter((taskRun) => {
      const task = taskRun.run.pipeline.plan[taskRun.position]!
      const decision = this.rules.decideTrigger(task.triggerRule, { ...taskRun, total: task.upstreamTotal })
      if (decision === "wait") return false
      this.move(taskRun, decision)
      if (decision === "release") this.enqueue(taskRun)
      return decision !== "release"
    })
  }

  private takeOff(run: Run, count: number): void {
    run.unfinished -= count
    if (run.unfinished > 0 || isFinalRunState(run.state)) return
    const isFailed = run.taskRuns.some(({ state }) => state === "failed" || state === "upstream_failed")
    const isCancelled = run.taskRuns.some(({ state }) => state === "cancelled")
    if (run.state === "cancelling") this.moveRun(run, "cancelled")
    else this.moveRun(run, isFailed ? "fail" : isCancelled ? "cancelled" : "succeed")
    this.startRuns(run.pipeline)
    if (run.backfill) this.advanceBackfill(run.backfill)
  }

  private reopen(run: Run): void {
    this.moveRun(run, "reopen")
    run.wasReopened = true
  }

  private enqueue(taskRun: TaskRun): void {
    taskRun.readySinceMs = this.world.nowMs
    if (!this.rules.losesTickets) this.world.tickets.push(taskRun.id)
  }

  private endAttempt(attempt: Attempt, end: End): void {
    const next = nextAttemptState(attempt.state, ATTEMPT_EVENT[end])
    assert(next !== null || !this.rules.isFenced, `attempt ${attempt.fence} is ${attempt.state} already`)
    attempt.state = next ?? attempt.state
  }

  /** The only way a task run's state changes; the table must allow it. */
  private move(taskRun: TaskRun, event: TaskRunEvent): void {
    const next = nextTaskRunState(taskRun.state, event)
    assert(next !== null, `task run ${taskRun.id} is ${taskRun.state}: no ${event}`)
    taskRun.state = next
  }

  private moveRun(run: Run, event: RunEvent): void {
    const next = nextRunState(run.state, event)
    assert(next !== null, `run ${run.id} is ${run.state}: no ${event}`)
    run.state = next
  }
}

function outcomeOf(taskRun: TaskRun): "success" | "failed" | "skipped" {
  if (taskRun.state === "success" || taskRun.state === "skipped") return taskRun.state
  return "failed"
}
