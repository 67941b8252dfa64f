import assert from "node:assert/strict"
import { type AttemptEvent, nextAttemptState } from "#lib/domain/attempt-state.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { isFinalTaskRunState, nextTaskRunState } from "#lib/domain/task-run-state.ts"
import { TEARDOWN_RULE } from "#lib/domain/trigger-rule.ts"
import { Admission } from "./admission.ts"
import { Carry } from "./carry.ts"
import { moveRun, moveTaskRun } from "./move.ts"
import type { Rules } from "./rules.ts"
import type { Random } from "./seeded.ts"
import {
  type Attempt,
  type Backfill,
  everyTaskRun,
  newTaskRun,
  type Pipeline,
  type Run,
  type TaskRun,
  taskOf,
  type World,
} from "./world.ts"

export type End = "success" | "skip" | "fail" | "never" | "time_out" | "lose" | "cancel" | "hand_back" | "defer"

const ATTEMPT_EVENT = {
  success: "succeed",
  skip: "skip",
  fail: "fail",
  never: "fail",
  time_out: "time_out",
  lose: "lose",
  cancel: "cancel",
  hand_back: "cancel",
  defer: "defer",
} as const satisfies Record<End, AttemptEvent>

/** The store's transactions, each whole or not at all, made of the rules of lib/domain. */
export class Transactions {
  readonly world: World
  readonly rules: Rules
  private readonly admission: Admission
  private readonly carry: Carry
  private readonly random: Random

  constructor(world: World, rules: Rules, random: Random) {
    this.world = world
    this.rules = rules
    this.random = random
    this.admission = new Admission(world, rules)
    this.carry = new Carry(world, rules, this.admission, random)
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
      isTouched: true,
    }
    run.taskRuns = pipeline.plan.map(({ position }) => newTaskRun(run, position))
    this.world.runs.push(run)
    this.startRuns(pipeline)
    return run
  }

  /** Ready → running with a new fence, for up to `limit` tickets. Void tickets are used up. */
  claim(workerId: number, limit: number): Attempt[] {
    return this.admission.take(limit).flatMap((taskRun) => {
      const isWanted = taskRun.run.state === "running" || (taskRun.run.state === "cancelling" && isTeardown(taskRun))
      if (taskRun.state !== "ready" || taskRun.waitingFor !== null || !isWanted) return []
      const fence = this.world.nextFence++
      moveTaskRun(taskRun, "claim")
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
    return !isCancelling(attempt.taskRun)
  }

  /** Records how an attempt ended; false: it was superseded, and nothing was changed. */
  finish(attempt: Attempt, end: End, random: number): boolean {
    const { taskRun } = attempt
    if (this.rules.isFenced && (taskRun.fence !== attempt.fence || attempt.state !== "running")) return false
    this.endAttempt(attempt, end)
    taskRun.fence = null
    if (end === "cancel" || (isCancelling(taskRun) && end !== "success" && end !== "skip")) {
      moveTaskRun(taskRun, "cancel")
    } else if (end === "success") {
      moveTaskRun(taskRun, "succeed")
      this.choose(taskRun)
    } else if (end === "skip") moveTaskRun(taskRun, "skip")
    else if (end === "hand_back") {
      moveTaskRun(taskRun, "hand_back")
      taskRun.attemptsBefore++
    } else if (end === "defer") this.putOff(taskRun)
    else this.fail(taskRun, end, random)
    if (isFinalTaskRunState(taskRun.state)) taskRun.wait = null
    this.admission.release([taskRun])
    if (taskRun.state === "ready") this.admission.admit([taskRun])
    if (isFinalTaskRunState(taskRun.state)) this.settle(taskRun.run, 1 + this.carry.outcomes(taskRun.run, [taskRun]))
    return true
  }

  promoteRetries(): void {
    for (const taskRun of this.allTaskRuns()) {
      if (taskRun.state !== "up_for_retry" || taskRun.nextAttemptAtMs! > this.world.nowMs) continue
      moveTaskRun(taskRun, "wake")
      taskRun.nextAttemptAtMs = null
      this.admission.admit([taskRun])
    }
  }

  /** Wakes what has waited long enough, and ends what has waited in vain. */
  wakeDeferrals(): void {
    const { nowMs } = this.world
    for (const taskRun of this.allTaskRuns()) {
      const { wait } = taskRun
      if (taskRun.state !== "deferred" || !wait) continue
      if (wait.endsAtMs <= nowMs && this.rules.endsVainWaits) {
        moveTaskRun(taskRun, wait.action)
        taskRun.wait = null
        this.settle(taskRun.run, 1 + this.carry.outcomes(taskRun.run, [taskRun]))
      } else if (wait.dueAtMs <= nowMs) {
        moveTaskRun(taskRun, "wake")
        this.admission.admit([taskRun])
      }
    }
  }

  /** Looks for work that no event announces. */
  sweep(): void {
    this.admission.decide([])
    for (const backfill of this.world.backfills) this.advanceBackfill(backfill)
  }

  setCapacity(limitId: string, capacity: number): void {
    this.world.limits.set(limitId, capacity)
    this.admission.decide([])
  }

  /** Attempts whose lease is over at the moment of looking; each is then ended in a transaction of its own. */
  findSilent(leaseMs: number): Attempt[] {
    return this.world.attempts.filter(
      (attempt) => attempt.state === "running" && attempt.heartbeatMs < this.world.nowMs - leaseMs,
    )
  }

  /** What waits is cancelled at once, but tear-downs, which may have something to take away. */
  cancel(run: Run): void {
    if (isFinalRunState(run.state) || run.state === "cancelling") return
    const wasQueued = run.state === "queued"
    const waiting = everyTaskRun(run).filter(
      (taskRun) => this.rules.cancels(taskRun.state) && (wasQueued || !isTeardown(taskRun)),
    )
    for (const taskRun of waiting) {
      moveTaskRun(taskRun, "cancel")
      taskRun.nextAttemptAtMs = null
      taskRun.wait = null
    }
    moveRun(run, "cancel")
    this.admission.release(waiting)
    if (wasQueued) {
      run.unfinished = 0
      this.startRuns(run.pipeline)
      if (run.backfill) this.advanceBackfill(run.backfill)
    } else this.settle(run, waiting.length + this.carry.outcomes(run, waiting))
  }

  /** Runs final tasks again; with nothing named, those that failed. */
  clear(run: Run, request: { taskIds: string[]; includeDownstream: boolean; onlyFailed: boolean }): void {
    if (run.state === "cancelling" || run.state === "queued") return
    const states = run.taskRuns.map((taskRun) => ({
      taskId: taskOf(taskRun).id,
      state: taskRun.state,
      failedInstances: taskRun.mapped?.failed ?? null,
    }))
    const plan = this.rules.planClear(run.pipeline.tasks, states, { ...request, someInstances: false })
    const named = (ids: readonly string[]) => run.taskRuns.filter((taskRun) => ids.includes(taskOf(taskRun).id))
    const partial = named(plan.partial).filter((taskRun) => this.clearInstances(taskRun))
    const whole = named(plan.whole)
    if (partial.length + whole.length === 0) return
    this.reset(run, whole)
    const ended = this.carry.recountInstances(partial)
    this.settle(run, this.carry.pending(run, ended))
  }

  mark(taskRun: TaskRun, state: "success" | "failed" | "skipped"): void {
    const { run } = taskRun
    if (run.state === "cancelling" || run.state === "queued") return
    const rows = run.taskRuns.map((each) => ({ taskId: taskOf(each).id, state: each.state, taskRun: each }))
    const upstream = new Map(run.pipeline.tasks.map((task) => [task.id, task.upstream]))
    const wanted = { taskIds: [taskOf(taskRun).id], includeDownstream: false, state }
    const plan = this.rules.planMark(rows, upstream, wanted)
    if (plan.kind !== "mark") return
    const marked = plan.marked.flatMap((row) => [row.taskRun, ...openInstances(row.taskRun)])
    if (marked.some((each) => nextTaskRunState(each.state, `mark_${state}`) === null)) return
    for (const each of marked) {
      if (!isFinalTaskRunState(each.state)) run.unfinished--
      moveTaskRun(each, `mark_${state}`)
      each.nextAttemptAtMs = null
      each.wait = null
    }
    this.admission.release(marked)
    this.reset(
      run,
      plan.follow.map((row) => row.taskRun),
    )
    this.carry.recount(run)
    this.settle(run, this.carry.pending(run))
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
      // A run that ended as it began has let the backfill go on already.
      slot.run ??= this.createRun(backfill.pipeline, "backfill", start, start, backfill) ?? slot.run
    }
    if (next.length > 0 || live > 0) return
    backfill.state = made.some((run) => run.state !== "success") ? "failed" : "success"
  }

  cancelBackfill(backfill: Backfill): void {
    if (backfill.state !== "running") return
    backfill.state = "cancelled"
    for (const { run } of backfill.slots) if (run) this.cancel(run)
  }

  allTaskRuns(): TaskRun[] {
    return this.world.runs.flatMap(everyTaskRun)
  }

  private startRuns(pipeline: Pipeline): void {
    const ofPipeline = this.world.runs.filter((run) => run.pipeline === pipeline)
    for (const run of ofPipeline) {
      if (run.state !== "queued") continue
      const active = ofPipeline.filter((each) => each.state === "running" || each.state === "cancelling").length
      if (active >= pipeline.maxActiveRuns && this.rules.limitsRuns) return
      moveRun(run, "start")
      this.settle(run, this.carry.pending(run))
    }
  }

  /** Takes final task runs off the run's count and ends it when none is left. */
  private settle(run: Run, count: number): void {
    run.unfinished -= count
    if (run.unfinished > 0 || isFinalRunState(run.state)) return
    const states = run.taskRuns.filter((taskRun) => !isTeardown(taskRun)).map(({ state }) => state)
    if (run.state === "cancelling") moveRun(run, "cancelled")
    else if (states.includes("failed") || states.includes("upstream_failed")) moveRun(run, "fail")
    else moveRun(run, states.includes("cancelled") ? "cancelled" : "succeed")
    this.startRuns(run.pipeline)
    if (run.backfill) this.advanceBackfill(run.backfill)
  }

  /** Puts final task runs back to their beginning and reopens the run. */
  private reset(run: Run, taskRuns: readonly TaskRun[]): void {
    for (const taskRun of taskRuns) {
      moveTaskRun(taskRun, "clear")
      Object.assign(taskRun, { success: 0, failed: 0, skipped: 0, choice: null, mapped: null })
      taskRun.attemptsBefore = taskRun.attemptCount
    }
    run.unfinished += taskRuns.length
    moveRun(run, "reopen")
    run.wasReopened = true
    if (this.rules.recountsAfterClear) this.carry.recount(run)
  }

  /** Failed instances wait again; false where there is none. */
  private clearInstances(taskRun: TaskRun): boolean {
    const failed = taskRun.instances.filter(({ state }) => state === "failed" || state === "cancelled")
    if (failed.length === 0 || !taskRun.mapped) return false
    for (const instance of failed) {
      moveTaskRun(instance, "clear")
      instance.attemptsBefore = instance.attemptCount
    }
    taskRun.run.unfinished += failed.length
    if (isFinalTaskRunState(taskRun.state)) {
      moveTaskRun(taskRun, "clear_instances")
      taskRun.run.unfinished++
    }
    return true
  }

  /** A branch takes one way at random; a short-circuit lets go or does not. */
  private choose(taskRun: TaskRun): void {
    const { kind, id } = taskOf(taskRun)
    const { tasks } = taskRun.run.pipeline
    const at = ++this.world.moment
    if (kind === "branch") {
      const direct = tasks.filter((task) => task.upstream.includes(id)).map((task) => task.id)
      const follows = direct.length > 0 ? [this.random.pick(direct)] : []
      const choice = this.rules.branchSkips(tasks, id, follows)
      if (choice.kind === "skips") taskRun.choice = { follows, skips: choice.skips, at }
    } else if (kind === "short_circuit" && this.random.chance(0.4)) {
      const isFar = this.random.chance(0.5)
      const skips = this.rules.shortCircuitSkips(tasks, id, isFar)
      taskRun.choice = { follows: isFar ? "nothing" : "no_direct", skips, at }
    }
  }

  /** The wait's end counts from its beginning, however often it is looked at. */
  private putOff(taskRun: TaskRun): void {
    const { nowMs } = this.world
    moveTaskRun(taskRun, "defer")
    taskRun.attemptsBefore++
    const sinceMs = taskRun.wait?.sinceMs ?? nowMs
    const endsAtMs = taskRun.wait?.endsAtMs ?? sinceMs + 30_000 + this.random.below(180_000)
    const action = taskRun.wait?.action ?? this.random.pick(["fail", "skip"] as const)
    taskRun.wait = { sinceMs, endsAtMs, action, dueAtMs: nowMs + this.random.below(60_000) }
  }

  private fail(taskRun: TaskRun, end: End, random: number): void {
    const decision = this.rules.decideRetry(
      taskOf(taskRun).policy,
      taskRun.attemptCount - taskRun.attemptsBefore,
      { retry: end === "never" ? "never" : "later" },
      random,
    )
    moveTaskRun(taskRun, decision.kind === "retry" ? "retry" : "fail")
    if (decision.kind === "retry") taskRun.nextAttemptAtMs = this.world.nowMs + decision.delayMs
  }

  private endAttempt(attempt: Attempt, end: End): void {
    const next = nextAttemptState(attempt.state, ATTEMPT_EVENT[end])
    assert(next !== null || !this.rules.isFenced, `attempt ${attempt.fence} is ${attempt.state} already`)
    attempt.state = next ?? attempt.state
  }
}

export function isTeardown(taskRun: TaskRun): boolean {
  return taskOf(taskRun).triggerRule === TEARDOWN_RULE
}

/** Its run is being cancelled, and it is no tear-down: nothing is tried again. */
function isCancelling(taskRun: TaskRun): boolean {
  return taskRun.run.state === "cancelling" && !isTeardown(taskRun)
}

function openInstances(taskRun: TaskRun): TaskRun[] {
  return taskRun.instances.filter(({ state }) => !isFinalTaskRunState(state))
}
