import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import { announce } from "#lib/store/notify.ts"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { createLiveEvents, type LiveEvents, type LiveSignal } from "./events.ts"
import { log } from "./log.ts"

log.level = "silent"
let database: TestDatabase
let events: LiveEvents
before(async () => {
  database = await createTestDatabase()
  events = createLiveEvents(database.url)
})
after(async () => {
  await events.close()
  await database.drop()
})

/** Resolves with the first signal of a type; `say` is repeated until then, because LISTEN begins in the background. */
async function heard(type: LiveSignal["type"], say: () => Promise<unknown>): Promise<LiveSignal> {
  const found = Promise.withResolvers<LiveSignal>()
  const unsubscribe = events.subscribe((signal) => {
    if (signal.type === type) found.resolve(signal)
  })
  const again = setInterval(() => void say(), 50)
  await say()
  const signal = await found.promise
  clearInterval(again)
  unsubscribe()
  return signal
}

test("passes on what is announced in the database", async () => {
  const event = { type: "backfill", id: "7" } as const
  assert.deepEqual(await heard("backfill", () => announce(database.pool, [event])), event)
})

test("ignores what is not one of our events", async () => {
  const say = async () => {
    await database.pool.query("select pg_notify('headrace_events', 'no json'), pg_notify('headrace_events', '{}')")
    await announce(database.pool, [{ type: "workspace" }])
  }
  assert.deepEqual(await heard("workspace", say), { type: "workspace" })
})

test("opens a broken connection again and tells everyone to read again", async () => {
  let isEnded = false
  const end = async () => {
    if (isEnded) return
    isEnded = true
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'headrace-events' and datname = current_database()`,
    )
  }
  assert.deepEqual(await heard("resync", end), { type: "resync" })
  assert.equal((await heard("workspace", () => announce(database.pool, [{ type: "workspace" }]))).type, "workspace")
})
