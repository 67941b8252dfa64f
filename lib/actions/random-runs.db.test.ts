import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"
import { seeded } from "#test/simulation/seeded.ts"
import type { RunId } from "../domain/ids.ts"
import { decideTrigger, TRIGGER_RULES, type TriggerRule } from "../domain/trigger-rule.ts"
import { cancelRun } from "./cancel-run.ts"
import { clearRun } from "./clear-run.ts"
import type { FinishReceipt, ReportedEnd } from "./finish-attempts.ts"

/**
 * Random DAGs with random trigger rules, outcomes, clears and cancels on the real store. Final states must equal those of
 * a model that knows nothing of counts, waves or order. A failing seed is in the test's name; HEADRACE_SEED replays it.
 */
const SEED = Number(process.env.HEADRACE_SEED ?? Date.now() % 1_000_000)
const DAGS = Number(process.env.HEADRACE_DAGS ?? 60)

type Outcome = "success" | "fail" | "skip"
interface RandomTask {
  id: string
  upstream: string[]
  triggerRule: TriggerRule
  outcome: Outcome
}

let driver: RunDriver
before(async () => {
  driver = await RunDriver.open()
})
after(() => driver.close())

test(`${DAGS} random runs end as the trigger rules say (seed ${SEED})`, async () => {
  const { next: random } = seeded(SEED)
  for (let index = 0; index < DAGS; index++) {
    const tasks = randomDag(random)
    const id = `random_${index}`
    await driver.define({ id, tasks })
    const runId = await driver.trigger(id)
    await driveRandomly(tasks, random)
    await assertEnded(runId, tasks)

    // Mend some tasks and run everything that failed again, with all behind it.
    if ((await driver.runState(runId)).state !== "failed") continue
    for (const task of tasks) if (task.outcome === "fail" && random() < 0.7) task.outcome = "success"
    await clearRun(driver.store, { runId, taskIds: [], includeDownstream: true, dryRun: false, actor: "test" })
    await driveRandomly(tasks, random)
    await assertEnded(runId, tasks)
  }
})

test(`ends in batches over several runs give what ends one by one give (seed ${SEED})`, async () => {
  const { next: random } = seeded(SEED + 2)
  for (let round = 0; round < DAGS / 10; round++) {
    const dags = new Map<string, RandomTask[]>()
    const runs: { runId: RunId; id: string }[] = []
    for (let index = 0; index < 4; index++) {
      const id = `batched_${round}_${index}`
      dags.set(id, randomDag(random))
      await driver.define({ id, tasks: dags.get(id)!, maxActiveRuns: 1 + Math.floor(random() * 3) })
      for (let run = 0; run < 4; run++) {
        runs.push({ id, runId: await driver.trigger(id, { logicalAt: new Date(Date.UTC(2026, 0, 1 + run)) }) })
      }
    }
    const held: ReportedEnd[] = []
    for (;;) {
      for (const claim of await driver.claim(1 + Math.floor(random() * 20))) {
        const task = dags.get(claim.pipelineId)!.find((each) => each.id === claim.taskId)!
        held.push({ attempt: claim, outcome: outcomeOf(task.outcome) })
      }
      if (held.length === 0) break
      const batches = overlappingBatches(held, random)
      const receipts = await Promise.all(batches.map((batch) => driver.finishAll(batch)))
      assertRecordedOnce(batches, receipts)
      const done = new Set(batches.flat().map((end) => end.attempt.attemptId))
      held.splice(0, held.length, ...held.filter((end) => !done.has(end.attempt.attemptId)))
    }
    for (const { runId, id } of runs) await assertEnded(runId, dags.get(id)!)
  }
})

test(`a cancel at any moment leaves nothing alive (seed ${SEED})`, async () => {
  const { next: random } = seeded(SEED + 1)
  for (let index = 0; index < DAGS / 3; index++) {
    const tasks = randomDag(random)
    const id = `cancelled_${index}`
    await driver.define({ id, tasks })
    const runId = await driver.trigger(id)
    const outcomes = new Map(tasks.map((task) => [task.id, task.outcome]))
    const steps = Math.floor(random() * tasks.length)
    const held = []
    for (let step = 0; step < steps; step++) {
      const [claim] = await driver.claim(1)
      if (!claim) break
      if (random() < 0.3) held.push(claim)
      else await driver.finish(claim, outcomeOf(outcomes.get(claim.taskId)!))
    }
    if ((await driver.runState(runId)).state !== "running") continue
    await cancelRun(driver.store, { runId, actor: "test" })
    for (const claim of held) await driver.finish(claim, random() < 0.5 ? { kind: "cancelled" } : outcomeOf("success"))
    assert.deepEqual(await driver.claim(), [], "nothing is left to claim")
    assert.equal((await driver.runState(runId)).state, "cancelled")
    await assertConsistent(runId)
  }
})

/** Claims and ends one task at a time, in random order. */
async function driveRandomly(tasks: readonly RandomTask[], random: () => number): Promise<void> {
  const outcomes = new Map(tasks.map((task) => [task.id, task.outcome]))
  const held = []
  for (;;) {
    held.push(...(await driver.claim(1 + Math.floor(random() * 3))))
    const next = held.splice(Math.floor(random() * held.length), 1)[0]
    if (!next) return
    await driver.finish(next, outcomeOf(outcomes.get(next.taskId)!))
  }
}

/** Two batches of random ends in random order; some stand in both, and some twice in one. */
function overlappingBatches(ends: readonly ReportedEnd[], random: () => number): ReportedEnd[][] {
  const batches: ReportedEnd[][] = [[], []]
  for (const end of ends.toSorted(() => random() - 0.5)) {
    const draw = random()
    if (draw < 0.45) batches[0]!.push(end)
    else if (draw < 0.8) batches[1]!.push(end)
    else if (draw < 0.9) for (const batch of batches) batch.push(end)
    else if (draw < 0.95) batches[0]!.push(end, end)
  }
  return batches.filter((batch) => batch.length > 0)
}

function assertRecordedOnce(batches: readonly ReportedEnd[][], receipts: readonly FinishReceipt[][]): void {
  const recorded = new Map<string, number>()
  for (const [index, batch] of batches.entries()) {
    for (const [position, { attempt }] of batch.entries()) {
      const count = receipts[index]![position]!.kind === "recorded" ? 1 : 0
      recorded.set(attempt.attemptId, (recorded.get(attempt.attemptId) ?? 0) + count)
    }
  }
  for (const [attemptId, count] of recorded) assert.equal(count, 1, `attempt ${attemptId} was recorded ${count} times`)
}

async function assertEnded(runId: RunId, tasks: readonly RandomTask[]): Promise<void> {
  const expected = finalStates(tasks)
  const context = JSON.stringify(tasks)
  assert.deepEqual(await driver.taskStates(runId), expected, context)
  const isFailed = Object.values(expected).some((state) => state === "failed" || state === "upstream_failed")
  assert.equal((await driver.runState(runId)).state, isFailed ? "failed" : "success", context)
  await assertConsistent(runId)
}

async function assertConsistent(runId: RunId): Promise<void> {
  const { rows } = await driver.store.pool.query<{ wrong: number; live: number; tickets: number }>(
    `select r.unfinished - (select count(*) from task_run t where t.run_id = r.id and t.finished_at is null)::int as wrong,
            (select count(*) from attempt a where a.run_id = r.id and a.state = 'running')::int as live
     from run r where r.id = $1`,
    [runId],
  )
  assert.deepEqual(rows[0], { wrong: 0, live: 0 })
}

/** States by the rules alone, in topological order: no early decisions, no counts kept. */
function finalStates(tasks: readonly RandomTask[]): Record<string, string> {
  const states: Record<string, string> = {}
  for (const task of tasks) {
    const upstream = task.upstream.map((id) => states[id])
    const decision = decideTrigger(task.triggerRule, {
      total: upstream.length,
      success: upstream.filter((state) => state === "success").length,
      failed: upstream.filter((state) => state === "failed" || state === "upstream_failed").length,
      skipped: upstream.filter((state) => state === "skipped").length,
    })
    const ran = { success: "success", fail: "failed", skip: "skipped" } as const
    if (decision === "release") states[task.id] = ran[task.outcome]
    else states[task.id] = decision === "skip" ? "skipped" : "upstream_failed"
  }
  return states
}

/** Two to twelve tasks; each waits for up to three earlier ones. */
function randomDag(random: () => number): RandomTask[] {
  const size = 2 + Math.floor(random() * 11)
  return Array.from({ length: size }, (_, index) => {
    const earlier = Array.from({ length: index }, (_, other) => `t${other}`)
    const upstream = earlier.filter(() => random() < 3 / Math.max(3, index)).slice(0, 3)
    const draw = random()
    return {
      id: `t${index}`,
      upstream,
      triggerRule: random() < 0.4 ? "all_success" : TRIGGER_RULES[Math.floor(random() * TRIGGER_RULES.length)]!,
      outcome: draw < 0.6 ? "success" : draw < 0.85 ? "fail" : "skip",
    }
  })
}
