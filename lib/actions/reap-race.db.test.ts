import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { RunId } from "#lib/domain/ids.ts"
import { type Claim, heartbeat } from "#lib/store/attempts.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { RunDriver } from "#test/run-driver.ts"
import { promoteRetries } from "./promote-retries.ts"
import { reapAttempts } from "./reap-attempts.ts"

let driver: RunDriver
/** Reapers beside the driver's own, each with connections of its own. */
let reapers: Store[]
before(async () => {
  driver = await RunDriver.open()
  const open = () =>
    openStore({ databaseUrl: driver.database.url, applicationName: "reaper", onError: () => undefined })
  reapers = [driver.store, ...(await Promise.all([open(), open(), open()]))]
})
after(async () => {
  await Promise.all(reapers.slice(1).map((store) => store.close()))
  await driver.close()
})

const ROUNDS = 15
const TASKS = 8

async function countsOf(runId: RunId): Promise<Record<string, number>> {
  const { rows } = await driver.store.pool.query<{ state: string; count: number }>(
    "select state, count(*)::int as count from attempt where run_id = $1 group by state",
    [runId],
  )
  return Object.fromEntries(rows.map((row) => [row.state, row.count]))
}

test("a silent attempt is reaped exactly once, however its heartbeat races with the reapers and its own end", async () => {
  await driver.define({
    id: "zombies",
    maxActiveRuns: ROUNDS,
    tasks: Array.from({ length: TASKS }, (_, index) => ({ id: `t${index}` })),
  })
  for (let round = 0; round < ROUNDS; round++) {
    const runId = await driver.trigger("zombies")
    const claims = await driver.claim()
    assert.equal(claims.length, TASKS)
    const ids = claims.map((claim) => claim.attemptId)
    await driver.store.pool.query(
      "update attempt set heartbeat_at = now() - interval '10 seconds' where id = any ($1::bigint[])",
      [ids],
    )
    // The worker comes back to life just now: it beats, and reports half of its tasks as done.
    const [done, running] = [claims.slice(0, TASKS / 2), claims.slice(TASKS / 2)]
    const [reaped, receipts] = await Promise.all([
      Promise.all(reapers.map((store) => reapAttempts(store, 5_000))),
      Promise.all(done.map((claim) => driver.finish(claim))),
      heartbeat(reapers[round % reapers.length]!.pool, driver.workerId, ids),
    ])
    const lost = reaped.flat()
    assert.equal(new Set(lost).size, lost.length, "none is reaped twice")
    for (const [index, claim] of done.entries()) {
      const isLost = lost.includes(claim.attemptId)
      assert.equal(receipts[index]!.kind, isLost ? "superseded" : "recorded", "exactly one of the two ends it")
    }
    // Whoever is reaped learns of it with the next beat, and its late end is refused.
    const held = await heartbeat(driver.store.pool, driver.workerId, ids)
    for (const claim of running) assert.equal(held.has(claim.attemptId), !lost.includes(claim.attemptId))
    await Promise.all(running.map((claim) => driver.finish(claim)))
    await finishRest(runId)
    const counts = await countsOf(runId)
    assert.deepEqual([counts.success, counts.lost ?? 0], [TASKS, lost.length], `round ${round}`)
    const { rows } = await driver.store.pool.query(
      "select count(*)::int as count from event where run_id = $1 and type = 'task_run.up_for_retry'",
      [runId],
    )
    assert.equal(rows[0].count, lost.length, "each is said once")
    assert.equal((await driver.runState(runId)).state, "success")
  }
})

/** Works off what was reaped, each by one further attempt. */
async function finishRest(runId: RunId): Promise<void> {
  await driver.store.pool.query(
    "update task_run set next_attempt_at = now() - interval '1 second' where run_id = $1 and state = 'up_for_retry'",
    [runId],
  )
  await promoteRetries(driver.store)
  const again: Claim[] = await driver.claim()
  for (const claim of again) await driver.finish(claim)
}
