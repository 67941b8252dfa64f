import assert from "node:assert/strict"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { nextTick } from "#lib/domain/schedule.ts"
import { isFinalTaskRunState } from "#lib/domain/task-run-state.ts"
import { decideTrigger } from "#lib/domain/trigger-rule.ts"
import type { Pipeline, Run, TaskRun, World } from "./world.ts"

/**
 * Checks what must hold after every step, from the rows alone and by the plain definition of each promise, never by the
 * counts that the system keeps. `startsSeen` are the starts that earlier checks have looked at; returns the new number.
 */
export function checkInvariants(world: World, startsSeen: number): number {
  for (const { taskRun } of world.starts.slice(startsSeen)) checkStart(taskRun)
  for (const run of world.runs) checkRun(run)
  checkAttempts(world)
  for (const pipeline of world.pipelines) checkLimit(world, pipeline)
  checkUnique(world)
  checkBackfills(world)
  return world.starts.length
}

/** Checks what must hold once failures have stopped and everything had time to end. */
export function checkQuiet(world: World): void {
  assert.deepEqual(world.tickets, [], "a ticket was never claimed")
  for (const run of world.runs) {
    assert(isFinalRunState(run.state), `run ${run.id} never ended: it is ${run.state} with ${summary(run)}`)
  }
  for (const backfill of world.backfills) {
    assert.notEqual(backfill.state, "running", `backfill ${backfill.id} never ended`)
    if (backfill.state === "cancelled") continue
    const lost = backfill.slots.filter((slot) => slot.action === "create" && slot.run === null)
    assert.equal(lost.length, 0, `backfill ${backfill.id} lost ${lost.length} slots`)
  }
  for (const pipeline of world.pipelines) checkNoTickMissed(world, pipeline)
}

function checkStart(taskRun: TaskRun): void {
  const { run, position } = taskRun
  const task = run.pipeline.plan[position]!
  const upstream = run.pipeline.upstream[position]!.map((from) => run.taskRuns[from]!.state)
  const decision = decideTrigger(task.triggerRule, {
    total: upstream.length,
    success: upstream.filter((state) => state === "success").length,
    failed: upstream.filter((state) => ["failed", "upstream_failed", "cancelled"].includes(state)).length,
    skipped: upstream.filter((state) => state === "skipped").length,
  })
  // A person may clear an upstream, alone, between the release of a task and its start.
  if (run.wasReopened) return
  assert.equal(decision, "release", `task run ${taskRun.id} (${task.triggerRule}) started after ${upstream.join(", ")}`)
}

function checkRun(run: Run): void {
  const open = run.taskRuns.filter(({ state }) => !isFinalTaskRunState(state))
  if (isFinalRunState(run.state)) {
    assert.deepEqual(open, [], `run ${run.id} is ${run.state} with ${summary(run)}`)
  } else {
    assert.equal(run.unfinished, open.length, `run ${run.id} counts ${run.unfinished} open task runs: ${summary(run)}`)
    assert(open.length > 0, `run ${run.id} is ${run.state} with nothing left to do`)
  }
  if (run.state === "success") {
    assert(
      run.taskRuns.every(({ state }) => state === "success" || state === "skipped"),
      `run ${run.id} is green with ${summary(run)}`,
    )
  }
  for (const taskRun of run.taskRuns) {
    if (taskRun.state === "pending" && run.state === "running") checkCounts(taskRun)
    assert.equal(taskRun.fence !== null, taskRun.state === "running", `task run ${taskRun.id} has a stray fence`)
    assert.equal(taskRun.nextAttemptAtMs !== null, taskRun.state === "up_for_retry")
  }
}

/** The counts that a pending task run keeps are those of its upstreams. */
function checkCounts(taskRun: TaskRun): void {
  const { run, position } = taskRun
  const states = run.pipeline.upstream[position]!.map((from) => run.taskRuns[from]!.state)
  assert.deepEqual(
    { success: taskRun.success, failed: taskRun.failed, skipped: taskRun.skipped },
    {
      success: states.filter((state) => state === "success").length,
      failed: states.filter((state) => ["failed", "upstream_failed", "cancelled"].includes(state)).length,
      skipped: states.filter((state) => state === "skipped").length,
    },
    `task run ${taskRun.id} has miscounted its upstreams`,
  )
}

function checkAttempts(world: World): void {
  const live = new Set<TaskRun>()
  let last = 0
  for (const { fence, taskRun, state } of world.attempts) {
    assert(fence > last, "a later attempt carries a smaller fence")
    last = fence
    if (state !== "running") continue
    assert(!live.has(taskRun), `task run ${taskRun.id} has two live attempts`)
    assert.equal(taskRun.fence, fence, `attempt ${fence} is live, but its task run belongs to ${taskRun.fence}`)
    live.add(taskRun)
  }
  for (const run of world.runs) {
    for (const taskRun of run.taskRuns) {
      assert(taskRun.state !== "running" || live.has(taskRun), `task run ${taskRun.id} runs without an attempt`)
    }
  }
}

function checkLimit(world: World, pipeline: Pipeline): void {
  const active = world.runs.filter(
    (run) => run.pipeline === pipeline && !run.wasReopened && (run.state === "running" || run.state === "cancelling"),
  )
  assert(active.length <= pipeline.maxActiveRuns, `${active.length} runs of ${pipeline.id} are active`)
}

function checkUnique(world: World): void {
  const seen = new Set<string>()
  for (const { pipeline, kind, logicalAt, backfill } of world.runs) {
    const key = `${pipeline.id} ${kind} ${backfill?.id} ${logicalAt.toISOString()}`
    assert(!seen.has(key), `two runs for ${key}`)
    seen.add(key)
  }
}

function checkBackfills(world: World): void {
  for (const backfill of world.backfills) {
    const runs = backfill.slots.flatMap((slot) => slot.run ?? [])
    assert.equal(new Set(runs).size, runs.length, `backfill ${backfill.id} gave two slots one run`)
    const live = runs.filter((run) => !run.wasReopened && !isFinalRunState(run.state)).length
    assert(live <= backfill.concurrency, `backfill ${backfill.id} has ${live} live runs`)
  }
}

/** Under `all` each tick between the first scheduled run and the last has its run; under any policy each run is a tick. */
function checkNoTickMissed(world: World, pipeline: Pipeline): void {
  const { schedule } = pipeline
  if (!schedule) return
  const logical = world.runs
    .filter((run) => run.pipeline === pipeline && run.kind === "schedule")
    .map((run) => run.logicalAt.getTime())
    .sort((a, b) => a - b)
  for (const [index, at] of logical.entries()) {
    const tick = nextTick(schedule, new Date(at - 1))
    assert.equal(tick?.getTime(), at, `${pipeline.id} ran at ${new Date(at).toISOString()}, which is no tick`)
    if (index === 0 || schedule.catchup !== "all") continue
    const expected = nextTick(schedule, new Date(logical[index - 1]!))
    assert.equal(at, expected?.getTime(), `${pipeline.id} missed the run of ${expected?.toISOString()}`)
  }
}

function summary(run: Run): string {
  return run.taskRuns.map(({ position, state }) => `${position}:${state}`).join(" ")
}
