import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { seeded } from "#test/simulation/seeded.ts"
import type { RunId, TaskRunId } from "../domain/ids.ts"
import type { Claim } from "../store/attempts.ts"
import { cancelRun } from "./cancel-run.ts"
import { claimTasks } from "./claim-tasks.ts"
import { deletePool } from "./delete-pool.ts"
import { markTaskRun } from "./mark-task-run.ts"
import type { AttemptOutcome } from "./plan-attempt-end.ts"
import { promoteRetries } from "./promote-retries.ts"
import { reapAttempts } from "./reap-attempts.ts"
import { setPool } from "./set-pool.ts"
import { sweepRuns } from "./sweep-runs.ts"

const SEED = Number(process.env.HEADRACE_SEED ?? Date.now() % 1_000_000)
const RETRY = { retries: 3, delayMs: 0, backoffFactor: 1, maxDelayMs: 0 }

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

/** What each limit of the database allows, and what is held by task runs that are ready or run. */
async function readLimits(): Promise<Record<string, { capacity: number | null; used: number; waiting: number }>> {
  const { rows } = await driver.store.pool.query<{ id: string; capacity: number; used: number; waiting: number }>(
    `select l.id, l.capacity,
            (select coalesce(sum(s.slots), 0)::int from task_slot s where s.limit_id = l.id) as used,
            (select count(*)::int from task_run t where t.waiting_for = l.id) as waiting
     from slot_limit l`,
  )
  return Object.fromEntries(rows.map(({ id, ...row }) => [id, row]))
}

async function setCapacity(name: string, capacity: number): Promise<void> {
  await setPool(driver.store, { name, capacity, description: null, actor: "test" })
}

async function taskRun(
  runId: RunId,
  taskId: string,
): Promise<{ id: TaskRunId; state: string; waitingFor: string | null }> {
  const { rows } = await driver.store.pool.query(
    `select id, state, waiting_for as "waitingFor" from task_run where run_id = $1 and task_id = $2`,
    [runId, taskId],
  )
  return rows[0]
}

/** Resolves when that many sessions wait for a lock. */
async function untilBlocked(count: number): Promise<void> {
  const blocked = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
  while ((await driver.store.pool.query(blocked)).rowCount! < count);
}

/** A pipeline of `count` tasks side by side in a pool of its own, whose capacity is set. */
async function definePool(name: string, capacity: number, count: number, values: object = {}): Promise<RunId> {
  await setCapacity(name, capacity)
  const tasks = Array.from({ length: count }, (_, index) => ({ id: `t${index}`, pool: name, retry: RETRY, ...values }))
  await driver.define({ id: name, tasks, maxActiveRuns: 10 })
  return driver.trigger(name)
}

test("a task that finds its pool full waits for a slot, says so, and gets the one that is freed", async () => {
  const runId = await definePool("small", 1, 2)
  const [first, ...others] = await driver.claim()
  assert.equal(first!.taskId, "t0")
  assert.equal(others.length, 0, "the second has no ticket")
  assert.deepEqual((await taskRun(runId, "t1")).waitingFor, "pool/small")
  await driver.finish(first!)
  const [second] = await driver.claim()
  assert.equal(second!.taskId, "t1")
  await driver.finish(second!)
  assert.equal((await driver.runState(runId)).state, "success")
  assert.deepEqual((await readLimits())["pool/small"], { capacity: 1, used: 0, waiting: 0 })
})

test("a try keeps when it had become ready and when it got its slot, where it had to wait for one", async () => {
  const runId = await definePool("told", 1, 2)
  for (let turn = 0; turn < 2; turn++) for (const claim of await driver.claim()) await driver.finish(claim)
  await driver.define({ id: "untold", tasks: [{ id: "only" }] })
  const freeId = await driver.trigger("untold")
  for (const claim of await driver.claim()) await driver.finish(claim)
  const { rows } = await driver.store.pool.query(
    `select t.task_id as task, a.ready_at = t.ready_at as "isReady", a.admitted_at > a.ready_at as waited
     from attempt a join task_run t on t.id = a.task_run_id
     where a.run_id = any ($1::bigint[])
     order by a.id`,
    [[runId, freeId]],
  )
  assert.deepEqual(rows, [
    { task: "t0", isReady: true, waited: null },
    { task: "t1", isReady: true, waited: true },
    { task: "only", isReady: true, waited: null },
  ])
})

test("tasks without limits leave no trace of them", async () => {
  await driver.define({ id: "free", tasks: [{ id: "only" }] })
  const runId = await driver.trigger("free")
  const { rows } = await driver.store.pool.query(
    `select limits, waiting_for from task_run where run_id = $1
     union all select null, s.limit_id from task_slot s join task_run t on t.id = s.task_run_id where t.run_id = $1`,
    [runId],
  )
  assert.deepEqual(rows, [{ limits: null, waiting_for: null }])
  await driver.drive()
})

test("a pool that a pipeline names and nobody made gets 8 slots, and keeps what people set", async () => {
  await driver.define({ id: "names_pool", tasks: [{ id: "only", pool: "unmade" }] })
  assert.equal((await readLimits())["pool/unmade"]?.capacity, 8)
  await setCapacity("unmade", 3)
  await driver.define({ id: "names_pool", description: "changed", tasks: [{ id: "only", pool: "unmade" }] })
  assert.equal((await readLimits())["pool/unmade"]?.capacity, 3)
})

const ENDS: Record<string, (claim: Claim) => Promise<unknown>> = {
  success: (claim) => driver.finish(claim),
  "a skip": (claim) => driver.finish(claim, outcomeOf("skip")),
  "a failure for good": (claim) => driver.finish(claim, outcomeOf("fail", { retry: "never" })),
  "a failure that is tried again": (claim) => driver.finish(claim, outcomeOf("fail")),
  "its worker's death": async (claim) => {
    await driver.store.pool.query("update attempt set heartbeat_at = now() - interval '1 hour' where id = $1", [
      claim.attemptId,
    ])
    await reapAttempts(driver.store, 60_000)
  },
  "the cancel of its run": async (claim) => {
    await cancelRun(driver.store, { runId: claim.runId, actor: "test" })
    await driver.finish(claim, { kind: "cancelled" })
  },
}
for (const [index, [how, end]] of Object.entries(ENDS).entries()) {
  test(`${how} frees the slot for a task of another run`, async () => {
    const name = `freed_${index}`
    const first = await definePool(name, 1, 1)
    const second = await driver.trigger(name, { logicalAt: new Date(1) })
    const [claim] = await driver.claim()
    assert.equal(claim!.runId, first)
    await end(claim!)
    const claims = await driver.claim()
    assert.deepEqual(
      claims.map((each) => each.runId),
      [second],
    )
    await driver.finish(claims[0]!)
    await cancelRun(driver.store, { runId: first, actor: "test" }).catch(() => undefined)
    assert.equal((await readLimits())[`pool/${name}`]?.used, 0)
  })
}

test("a task that is cancelled or marked before anybody claimed it frees its slot, and its ticket is void", async () => {
  const first = await definePool("unclaimed", 1, 1)
  const second = await driver.trigger("unclaimed", { logicalAt: new Date(1) })
  const third = await driver.trigger("unclaimed", { logicalAt: new Date(2) })
  await cancelRun(driver.store, { runId: first, actor: "test" })
  assert.equal((await taskRun(second, "t0")).waitingFor, null)
  await markTaskRun(driver.store, {
    taskRunId: (await taskRun(second, "t0")).id,
    state: "success",
    dryRun: false,
    actor: "test",
  })
  const claims = await driver.claim()
  assert.deepEqual(
    claims.map((claim) => claim.runId),
    [third],
  )
  await driver.finish(claims[0]!)
})

test("a task that is handed back competes for its slot anew and waits where it is gone", async () => {
  const runId = await definePool("handed", 1, 2)
  const [claim] = await driver.claim()
  await driver.finish(claim!, { kind: "handed_back" })
  // The other has waited as long and weighs as much: the smaller id goes first.
  const [again, ...others] = await driver.claim()
  assert.equal(others.length, 0)
  const waiting = again!.taskId === "t0" ? "t1" : "t0"
  assert.equal((await taskRun(runId, waiting)).waitingFor, "pool/handed")
  await driver.finish(again!)
  await driver.drive()
})

test("a retry is admitted like any other", async () => {
  const runId = await definePool("retried", 1, 2)
  const [claim] = await driver.claim()
  await driver.finish(claim!, outcomeOf("fail"))
  const [other] = await driver.claim()
  assert.equal(other!.taskId, "t1")
  await promoteRetries(driver.store)
  assert.deepEqual(await taskRun(runId, "t0").then(({ state, waitingFor }) => ({ state, waitingFor })), {
    state: "ready",
    waitingFor: "pool/retried",
  })
  assert.deepEqual(await driver.claim(), [])
  await driver.finish(other!)
  assert.equal((await driver.claim())[0]?.taskId, "t0")
  await cancelRun(driver.store, { runId, actor: "test" })
})

test("a cleared task that waits for a slot is not claimed by the ticket of its earlier life", async () => {
  const runId = await definePool("reborn", 1, 2)
  await cancelRun(driver.store, { runId, actor: "test" })
  const { clearRun } = await import("./clear-run.ts")
  await setCapacity("reborn", 0)
  await clearRun(driver.store, { runId, taskIds: ["t0"], includeDownstream: false, dryRun: false, actor: "test" })
  assert.deepEqual(await driver.claim(), [])
  await setCapacity("reborn", 1)
  assert.equal((await driver.claim()).length, 1)
})

test("raising a capacity admits at once, capacity 0 pauses", async () => {
  await definePool("raised", 0, 5)
  assert.equal((await driver.claim()).length, 0)
  await setCapacity("raised", 3)
  assert.equal((await driver.claim()).length, 3)
  await setCapacity("raised", 0)
  await setCapacity("raised", 10)
  assert.equal((await driver.claim()).length, 2)
})

test("max active tasks holds over all runs of a pipeline, a concurrency key over pipelines", async () => {
  await driver.define({ id: "capped", maxActiveTasks: 2, maxActiveRuns: 5, tasks: [{ id: "a" }, { id: "b" }] })
  await driver.trigger("capped")
  await driver.trigger("capped", { logicalAt: new Date(1) })
  const capped = await driver.claim()
  assert.equal(capped.length, 2)
  for (const claim of capped) await driver.finish(claim)
  await driver.drive()

  const concurrency = { key: "warehouse", limit: 1 }
  for (const id of ["keyed_a", "keyed_b"]) {
    await driver.define({ id, tasks: [{ id: "only", concurrency }] })
    await driver.trigger(id)
  }
  const [first, ...others] = await driver.claim()
  assert.equal(others.length, 0)
  await driver.finish(first!)
  assert.equal((await driver.claim()).length, 1)
})

test("taking the limit out of a pipeline lets its waiting tasks go", async () => {
  await driver.define({ id: "opened", maxActiveTasks: 1, tasks: [{ id: "a" }, { id: "b" }] })
  await driver.trigger("opened")
  assert.equal((await driver.claim()).length, 1)
  await driver.define({ id: "opened", tasks: [{ id: "a" }, { id: "b" }] })
  assert.equal((await driver.claim()).length, 1)
})

test("a task that needs several slots is not passed for ever by small ones", async () => {
  await setCapacity("wide", 2)
  await driver.define({
    id: "wide",
    tasks: [
      { id: "small_1", pool: "wide", priority: 9 },
      { id: "wide", pool: "wide", poolSlots: 2, priority: 5 },
      { id: "small_2", pool: "wide", priority: 1 },
    ],
  })
  await driver.trigger("wide")
  const [first, ...others] = await driver.claim()
  assert.equal(first!.taskId, "small_1")
  assert.equal(others.length, 0, "small_2 would fit, but the wide one is next")
  await driver.finish(first!)
  const [second] = await driver.claim()
  assert.equal(second!.taskId, "wide")
  await driver.finish(second!)
  await driver.drive()
})

test("who waits is admitted by priority, and a point is worth a second of waiting", async () => {
  await setCapacity("aging", 0)
  const tasks = [{ id: "only", pool: "aging" }]
  const weights = { plain: 0, heavy: 60, heavier: 90 }
  for (const [id, priority] of Object.entries(weights)) {
    await driver.define({ id: `aging_${id}`, tasks, priority })
    await driver.trigger(`aging_${id}`)
  }
  await setCapacity("aging", 1)
  const order: string[] = []
  // The plain one has waited a minute and more before the second slot is free: now it is ahead of what weighs 60.
  await driver.store.pool.query(
    `update task_run set queue_priority = queue_priority + 61 where waiting_for = 'pool/aging' and pipeline_id = 'aging_plain'`,
  )
  for (let index = 0; index < 3; index++) {
    const [claim] = await driver.claim()
    order.push(claim!.pipelineId)
    await driver.finish(claim!)
  }
  assert.deepEqual(order, ["aging_heavier", "aging_plain", "aging_heavy"])
})

test("tickets go in the order of priority less time, as the domain computes it", async () => {
  const { queuePriority, RUN_PRIORITY } = await import("../domain/priority.ts")
  await driver.define({ id: "order", tasks: [{ id: "only", priority: 7 }], priority: 30 })
  const runId = await driver.trigger("order")
  const { rows } = await driver.store.pool.query<{ queued: number; readyAt: Date; ticket: number }>(
    `select t.queue_priority as queued, t.ready_at as "readyAt",
            (select j.priority from pgboss.job j where j.data ->> 'taskRunId' = t.id::text) as ticket
     from task_run t where t.run_id = $1`,
    [runId],
  )
  const { queued, readyAt, ticket } = rows[0]!
  assert.equal(ticket, queued)
  assert.ok(Math.abs(queued - queuePriority(RUN_PRIORITY.manual + 30 + 7, readyAt)) <= 1)
  await driver.drive()
})

test("the sweep frees slots that nobody holds any more and admits who waits", async () => {
  const runId = await definePool("stray", 1, 2)
  const [claim] = await driver.claim()
  // As if an end had been written without its release.
  await driver.store.pool.query(
    "update task_run set state = 'skipped', fence = null, finished_at = now() where id = $1",
    [claim!.taskRunId],
  )
  assert.deepEqual(await driver.claim(), [])
  await sweepRuns(driver.store)
  assert.equal((await driver.claim())[0]?.taskId, "t1")
  assert.equal((await taskRun(runId, "t0")).state, "skipped")
})

test("a pool is deleted when nobody uses it or names it", async () => {
  await definePool("kept", 1, 1)
  await assert.rejects(deletePool(driver.store, { name: "kept", actor: "test" }), { code: "pool.in_use" })
  await assert.rejects(deletePool(driver.store, { name: "never_made", actor: "test" }), { code: "pool.not_found" })
  await setCapacity("unused", 1)
  await deletePool(driver.store, { name: "unused", actor: "test" })
  assert.equal((await readLimits())["pool/unused"], undefined)
})

test("who comes to wait for a slot while it is being freed is seen, whatever other limits it is subject to", async () => {
  await driver.store.pool.query("delete from pgboss.job")
  await setCapacity("late", 1)
  const concurrency = { key: "late", limit: 1 }
  await driver.defineAll([
    { id: "late_holder", tasks: [{ id: "only", concurrency }] },
    { id: "late_comer", tasks: [{ id: "only", concurrency, pool: "late" }] },
  ])
  await driver.trigger("late_holder")
  const [holder] = await driver.claim()
  const blocker = await driver.store.pool.connect()
  await blocker.query("begin; select from slot_limit where id = 'pool/late' for update")
  // It holds the key's lock, finds no slot, and waits for the pool's lock; whoever frees the key does not see it yet.
  const coming = driver.trigger("late_comer")
  await untilBlocked(1)
  const ending = driver.finish(holder!)
  await untilBlocked(2)
  await blocker.query("rollback")
  blocker.release()
  await Promise.all([coming, ending])
  const [comer] = await driver.claim()
  assert.equal(comer?.pipelineId, "late_comer")
  await driver.finish(comer!)
})

test("a clock that is set back holds up no ticket", async () => {
  await driver.define({ id: "clock", tasks: [{ id: "only" }] })
  await driver.trigger("clock")
  await driver.store.pool.query("update pgboss.job set start_after = now() + interval '5 minutes'")
  const [claim] = await driver.claim()
  assert.equal(claim?.pipelineId, "clock")
  await driver.finish(claim!)
})

test(`several workers never hold more than a limit has, and all of it while others wait (seed ${SEED})`, async () => {
  const { next: random } = seeded(SEED)
  await driver.store.pool.query("delete from pgboss.job")
  for (const name of ["left", "right"]) await setCapacity(name, 3)
  const outcomes = ["success", "skip", "fail"] as const
  const runs: RunId[] = []
  for (let index = 0; index < 6; index++) {
    const id = `crowd_${index}`
    await driver.define({
      id,
      maxActiveRuns: 2,
      maxActiveTasks: index % 2 === 0 ? 4 : null,
      tasks: Array.from({ length: 8 }, (_, task) => ({
        id: `t${task}`,
        upstream: task > 3 && random() < 0.5 ? [`t${task - 4}`] : [],
        triggerRule: "all_done" as const,
        pool: random() < 0.5 ? "left" : random() < 0.7 ? "right" : null,
        poolSlots: random() < 0.2 ? 2 : 1,
        concurrency: random() < 0.3 ? { key: "crowd", limit: 2 } : null,
        retry: RETRY,
      })),
    })
    const days = [0, 1, 2].map((day) => driver.trigger(id, { logicalAt: new Date(Date.UTC(2026, 0, 1 + day)) }))
    runs.push(...(await Promise.all(days)))
  }
  let isOver = false
  const worker = async (name: string) => {
    while (!isOver) {
      const { claims } = await claimTasks(driver.store, name as never, 1 + Math.floor(random() * 4))
      if (claims.length === 0) await promoteRetries(driver.store)
      const ends = claims.map((attempt) => {
        const outcome: AttemptOutcome =
          random() < 0.05 ? { kind: "handed_back" } : outcomeOf(outcomes[Math.floor(random() * 3)]!)
        return { attempt, outcome }
      })
      const states = await readLimits()
      for (const [id, { capacity, used }] of Object.entries(states)) {
        assert.ok(capacity === null || used <= capacity, `${id}: ${used} of ${capacity}`)
      }
      if (ends.length > 0) await driver.finishAll(ends)
    }
  }
  // Nothing runs, has a ticket or waits for its next try, and yet runs are left: nobody would ever go on. All of it is
  // written in the transaction that ends what ran before, so one look is enough, however slow the machine.
  const watch = async () => {
    for (;;) {
      const { rows } = await driver.store.pool.query<{ left: number; live: number; waiting: object[] | null }>(
        `select (select count(*)::int from run where id = any ($1) and finished_at is null) as left,
                (select count(*)::int from task_run
                 where run_id = any ($1) and (state in ('running', 'up_for_retry') or state = 'ready' and waiting_for is null)) as live,
                (select json_agg(json_build_object('id', id, 'for', waiting_for, 'limits', limits))
                 from task_run where waiting_for is not null) as waiting`,
        [runs],
      )
      const { left, live, waiting } = rows[0]!
      if (left === 0) break
      assert.ok(live > 0, `${left} runs wait for a sweep: ${JSON.stringify([await readLimits(), waiting])}`)
    }
    isOver = true
  }
  const workers = ["one", "two", "three", "four"].map(worker)
  await Promise.all([watch(), ...workers]).finally(() => {
    isOver = true
  })
  for (const id of ["pool/left", "pool/right", "key/crowd"]) {
    const { used, waiting } = (await readLimits())[id]!
    assert.deepEqual({ used, waiting }, { used: 0, waiting: 0 }, id)
  }
})
