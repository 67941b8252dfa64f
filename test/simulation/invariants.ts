import assert from "node:assert/strict"
import { invert, reachable } from "#lib/domain/dag.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { nextTick } from "#lib/domain/schedule.ts"
import { isFinalTaskRunState } from "#lib/domain/task-run-state.ts"
import { scopesOf } from "#lib/domain/teardown.ts"
import { decideTrigger, TEARDOWN_RULE } from "#lib/domain/trigger-rule.ts"
import { usedSlots } from "./admission.ts"
import {
  countStates,
  everyTaskRun,
  type Pipeline,
  plannedOf,
  type Run,
  type TaskRun,
  taskOf,
  type World,
} from "./world.ts"

/** What a check remembers of the one before it. */
export interface Seen {
  starts: number
  runs: Set<string>
  /** Slots in use by limit. */
  used: Map<string, number>
}

/**
 * Checks what must hold after every step, from the rows alone and by the plain definition of each promise, never by the
 * counts that the system keeps.
 */
export function checkInvariants(world: World, seen: Seen): Seen {
  for (const { taskRun } of world.starts.slice(seen.starts)) checkStart(taskRun)
  for (const run of world.runs) {
    // What is over and was left alone is as it was.
    if (!run.isTouched && isFinalRunState(run.state)) continue
    run.isTouched = false
    checkRun(run)
  }
  checkAttempts(world)
  for (const pipeline of world.pipelines) checkLimit(world, pipeline)
  checkUnique(world, seen.runs)
  checkBackfills(world)
  return { ...seen, starts: world.starts.length, used: checkSlots(world, seen.used) }
}

/** Checks what must hold once failures have stopped and everything had time to end. */
export function checkQuiet(world: World): void {
  for (const run of world.runs) checkRun(run)
  assert.deepEqual(
    world.tickets.map((taskRun) => taskRun.id),
    [],
    "a ticket was never claimed",
  )
  for (const run of world.runs) {
    if (!isFinalRunState(run.state)) assert.fail(`run ${run.id} never ended: it is ${run.state}: ${summary(run)}`)
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
  const { run } = taskRun
  const node = taskRun.parent ?? taskRun
  if (taskRun.parent) assert.equal(node.state, "mapped", `instance ${taskRun.id} started beside its mapped task`)
  checkNotRuledOut(node)
  // A person may clear or mark an upstream, alone, between the release of a task and its start.
  if (run.wasReopened) return
  const { id, triggerRule, upstream } = taskOf(node)
  const states = run.taskRuns.filter((each) => upstream.includes(taskOf(each).id))
  if (triggerRule === TEARDOWN_RULE) {
    checkTeardownStart(node)
    return
  }
  const decision = decideTrigger(triggerRule, { total: states.length, ...countStates(states) })
  const words = states.map(({ state }) => state).join(", ")
  assert.equal(decision, "release", `task run ${taskRun.id} (${id}, ${triggerRule}) started after ${words}`)
}

/** No choice that stood when it was released says that it must not run. */
function checkNotRuledOut(taskRun: TaskRun): void {
  const { id, triggerRule } = taskOf(taskRun)
  if (triggerRule === TEARDOWN_RULE) return
  for (const decider of taskRun.run.taskRuns) {
    const { state, choice } = decider
    if (state !== "success" || !choice || choice.at > taskRun.releasedAt) continue
    if (isRuledOut(taskRun.run, taskOf(decider).id, choice.follows, id)) {
      assert.fail(`task run ${taskRun.id} started although ${decider.id} had decided against it`)
    }
  }
}

function isRuledOut(run: Run, decider: string, follows: string[] | "nothing" | "no_direct", id: string): boolean {
  const downstream = invert(new Map(run.pipeline.tasks.map((task) => [task.id, task.upstream])))
  if (follows === "nothing") return id !== decider && reachable(downstream, [decider]).has(id)
  const isDirect = downstream.get(decider)?.includes(id) ?? false
  return isDirect && (follows === "no_direct" || !reachable(downstream, follows).has(id))
}

/** It has something to tear down, and nobody uses that any more. */
function checkTeardownStart(taskRun: TaskRun): void {
  const { run } = taskRun
  const { id, teardownOf = [] } = taskOf(taskRun)
  const byId = new Map(run.taskRuns.map((each) => [taskOf(each).id, each]))
  assert(
    teardownOf.some((setup) => byId.get(setup)?.state === "success"),
    `task run ${taskRun.id} tears down what was never set up`,
  )
  for (const { teardown, between } of scopesOf(run.pipeline.tasks)) {
    if (teardown !== id) continue
    const using = [...between].filter((each) => !isFinalTaskRunState(byId.get(each)!.state))
    assert.deepEqual(using, [], `task run ${taskRun.id} takes away what others use`)
  }
}

function checkRun(run: Run): void {
  const all = everyTaskRun(run)
  const open = all.filter((taskRun) => !isFinalTaskRunState(taskRun.state))
  if (isFinalRunState(run.state)) {
    if (open.length > 0) assert.fail(`run ${run.id} is ${run.state} with ${summary(run)}`)
  } else {
    if (run.unfinished !== open.length) {
      assert.fail(`run ${run.id} counts ${run.unfinished} open task runs: ${summary(run)}`)
    }
    assert(open.length > 0, `run ${run.id} is ${run.state} with nothing left to do`)
  }
  if (run.state === "success") {
    const isGood = (taskRun: TaskRun) =>
      taskRun.state === "success" || taskRun.state === "skipped" || taskOf(taskRun).triggerRule === TEARDOWN_RULE
    if (!run.taskRuns.every(isGood)) assert.fail(`run ${run.id} is green with ${summary(run)}`)
  }
  for (const taskRun of all) checkTaskRun(taskRun)
}

function checkTaskRun(taskRun: TaskRun): void {
  const { run, state } = taskRun
  if (state === "pending" && run.state === "running" && !taskRun.parent) checkCounts(taskRun)
  if (state === "mapped") checkInstances(taskRun)
  if ((taskRun.fence !== null) !== (state === "running")) assert.fail(`task run ${taskRun.id} has a stray fence`)
  assert.equal(taskRun.nextAttemptAtMs !== null, state === "up_for_retry")
  if (state === "deferred" && !taskRun.wait) assert.fail(`task run ${taskRun.id} waits for nothing`)
  if (isFinalTaskRunState(state) && taskRun.wait) assert.fail(`task run ${taskRun.id} has a stray wait`)
}

/** The counts that a pending task run keeps are those of its upstreams. */
function checkCounts(taskRun: TaskRun): void {
  const { run, position } = taskRun
  const counts = countStates(run.pipeline.upstream[position]!.map((from) => run.taskRuns[from]!))
  const isRight = (["success", "failed", "skipped"] as const).every((outcome) => counts[outcome] === taskRun[outcome])
  if (!isRight) assert.fail(`task run ${taskRun.id} has miscounted its upstreams: ${summary(run)}`)
}

/** So are those that a mapped one keeps of its instances, of which some go on, and no more than may at a time. */
function checkInstances(taskRun: TaskRun): void {
  const { maxActive } = taskOf(taskRun).map!
  const { success, failed, skipped } = taskRun.mapped!
  assert.deepEqual(
    { success, failed, skipped },
    countStates(taskRun.instances),
    `${taskRun.id} miscounts its instances`,
  )
  const waiting = taskRun.instances.filter(({ state }) => state === "pending")
  const open = taskRun.instances.filter(({ state }) => !isFinalTaskRunState(state))
  const active = open.length - waiting.length
  if (maxActive !== null && !taskRun.run.wasReopened) {
    assert(active <= maxActive, `${active} instances of ${taskRun.id} go at a time`)
    assert(waiting.length === 0 || active === maxActive, `instances of ${taskRun.id} wait although there are places`)
  }
  assert(active > 0, `mapped task run ${taskRun.id} has nothing left to wait for`)
}

/** No limit is exceeded; one that was lowered is not filled any further. Only what is ready or runs holds slots. */
function checkSlots(world: World, before: ReadonlyMap<string, number>): Map<string, number> {
  const now = usedSlots(world)
  for (const [id, used] of now) {
    const capacity = world.limits.get(id) ?? 0
    assert(used <= capacity || used <= (before.get(id) ?? 0), `${used} of ${capacity} slots of ${id} are in use`)
  }
  for (const run of world.runs) {
    if (isFinalRunState(run.state)) continue
    for (const taskRun of everyTaskRun(run)) {
      const holds = taskRun.slots.length > 0
      if (holds)
        assert(["ready", "running"].includes(taskRun.state), `${taskRun.id} is ${taskRun.state} and holds slots`)
      const isLimited = (plannedOf(taskRun).limits ?? []).some(({ id }) => world.limits.has(id))
      if (taskRun.state === "running" && isLimited) assert(holds, `${taskRun.id} runs without the slots it needs`)
      assert(
        taskRun.waitingFor === null || (taskRun.state === "ready" && !holds),
        `${taskRun.id} waits for slots amiss`,
      )
    }
  }
  return now
}

function checkAttempts(world: World): void {
  const live = new Set<TaskRun>()
  let last = 0
  for (const { fence, taskRun, state } of world.attempts) {
    assert(fence > last, "a later attempt carries a smaller fence")
    last = fence
    if (state !== "running") continue
    if (live.has(taskRun)) assert.fail(`task run ${taskRun.id} has two live attempts`)
    if (taskRun.fence !== fence) assert.fail(`attempt ${fence} is live, but ${taskRun.id} belongs to ${taskRun.fence}`)
    live.add(taskRun)
  }
  for (const run of world.runs) {
    if (isFinalRunState(run.state)) continue
    for (const taskRun of everyTaskRun(run)) {
      if (taskRun.state === "running" && !live.has(taskRun)) assert.fail(`${taskRun.id} runs without an attempt`)
    }
  }
}

function checkLimit(world: World, pipeline: Pipeline): void {
  const active = world.runs.filter(
    (run) => run.pipeline === pipeline && !run.wasReopened && (run.state === "running" || run.state === "cancelling"),
  )
  assert(active.length <= pipeline.maxActiveRuns, `${active.length} runs of ${pipeline.id} are active`)
}

/** `seen` are the keys of the runs that were there before. */
function checkUnique(world: World, seen: Set<string>): void {
  for (const { pipeline, kind, logicalAt, backfill } of world.runs.slice(seen.size)) {
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
  return everyTaskRun(run)
    .map((taskRun) => `${taskRun.position}${taskRun.parent ? "." : ""}:${taskRun.state}`)
    .join(" ")
}
