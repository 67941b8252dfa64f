import assert from "node:assert/strict"
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { mkdtemp } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, test } from "node:test"
import pg from "pg"
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts"
import { stopLeftoverServer } from "./postmaster.ts"

const folder = await mkdtemp(path.join(os.tmpdir(), "headrace postgres-"))
const dataDir = path.join(folder, "data")
const lockFile = path.join(dataDir, "postmaster.pid")
const start = () => startEmbeddedPostgres(dataDir, { logFile: path.join(folder, "postgres.log") })

after(() => rmSync(folder, { recursive: true, force: true }))

test("the server keeps its port and its data from start to start", async () => {
  const first = await start()
  await query(first, "create table kept as select 42 as answer")
  await first.stop()
  const second = await start()
  assert.equal(second.port, first.port)
  assert.deepEqual(await query(second, "select answer from kept"), [{ answer: 42 }])
  await second.stop()
})

test("it asks for the password", async () => {
  const server = await start()
  const url = new URL(server.url("postgres"))
  url.password = "guessed"
  await assert.rejects(() => new pg.Client(url.href).connect(), { code: "28P01" })
  await server.stop()
})

test("a crash loses nothing that was committed, and is told", async () => {
  const server = await start()
  await query(server, "create table survives as select 1 as one")
  process.kill(Number(readFileSync(lockFile, "utf8").split("\n")[0]), "SIGKILL")
  await server.failed
  const next = await start()
  assert.deepEqual(await query(next, "select one from survives"), [{ one: 1 }])
  await next.stop()
})

test("a lock file whose process id belongs to another program now is no hindrance", async () => {
  const server = await start()
  const lock = readFileSync(lockFile, "utf8")
  await server.stop()
  writeFileSync(lockFile, lock.replace(/^\d+/, String(process.pid)))
  const next = await start()
  assert.deepEqual(await query(next, "select 1 as one"), [{ one: 1 }])
  await next.stop()
})

test("a server left over by a killed start is stopped", async () => {
  const leftover = await start()
  const pid = Number(readFileSync(lockFile, "utf8").split("\n")[0])
  await stopLeftoverServer(dataDir)
  await leftover.failed
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" })
})

async function query(server: EmbeddedPostgres, text: string): Promise<unknown[]> {
  const client = new pg.Client(server.url("postgres"))
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}
