import assert from "node:assert/strict"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import os from "node:os"
import path from "node:path"
import { after, before, test } from "node:test"
import { setTimeout as delay } from "node:timers/promises"
import { createTestDatabase } from "#test/db.ts"
import { type StartedProduct, startProduct } from "#test/start-product.ts"

const UP = /Headrace is up after/

/** One home with a space in its path for all tests: each finds it as the one before left it, as people do. */
const folder = mkdtempSync(path.join(os.tmpdir(), "headrace start-"))
const homeDir = path.join(folder, "home")
let product: StartedProduct | undefined

before(async () => {
  product = await startProduct({ homeDir })
  await product.prints(UP)
})

after(async () => {
  await product?.end("SIGTERM")
  rmSync(folder, { recursive: true, force: true })
})

test("the first start makes everything and runs the demo pipeline to its end", async () => {
  const running = required(product)
  assert.match(running.output(), /First run of the demo is started/)
  const state = await finalState(`${running.url}/api/v1/runs/1`)
  assert.equal(state, "success", running.output())
})

test("a second start on the same home is refused with the address of the first", async () => {
  const running = required(product)
  const second = await startProduct({ homeDir })
  assert.equal(await second.ended, 1)
  assert.ok(second.output().includes(`runs already with ${homeDir} at ${running.url}`), second.output())
})

test("a worker that is killed is started again", async () => {
  const running = required(product)
  const before = running.programs()
  process.kill(required(before[1]), "SIGKILL")
  await running.prints(/The worker ended unexpectedly \(SIGKILL\): starting it again/)
  await running.prints(/The worker runs again/)
  const after = running.programs()
  assert.equal(after[0], before[0])
  assert.ok(isAlive(required(after[1])))
})

test("SIGTERM stops everything in order and leaves no process", async () => {
  const running = required(product)
  const processes = everyProcess(running)
  assert.equal(processes.length, 4)
  assert.equal(await running.end("SIGTERM"), 0)
  assert.match(running.output(), /Headrace has stopped/)
  assert.deepEqual(processes.filter(isAlive), [])
})

test("when it is killed its programs end, and the next start comes up warm", { timeout: 60_000 }, async () => {
  product = await startProduct({ homeDir })
  await product.prints(UP)
  const processes = everyProcess(product)
  await product.end("SIGKILL")
  const next = await startProduct({ homeDir })
  product = next
  await next.prints(UP)
  assert.doesNotMatch(next.output(), /First run of the demo is started|Web app is built/)
  assert.deepEqual(processes.filter(isAlive), [])
  await next.end("SIGTERM")
})

test("a taken port, a bad database and a bad folder end in one sentence, and nothing is left behind", async (context) => {
  const taken = createServer()
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, "127.0.0.1", () => {
      const address = taken.address()
      resolve(typeof address === "object" && address ? address.port : 0)
    })
  })
  context.after(() => taken.close())
  const file = path.join(folder, "a-file")
  writeFileSync(file, "")
  const fresh = path.join(folder, "fresh")
  const cases: [Parameters<typeof startProduct>[0], RegExp][] = [
    [
      { homeDir: fresh, HEADRACE_PORT: port },
      new RegExp(`Port ${port} is taken by another program: .*HEADRACE_PORT=${port + 1}`),
    ],
    [{ homeDir: fresh, HEADRACE_PORT: "http" }, /HEADRACE_PORT: /],
    [{ homeDir: fresh, DATABASE_URL: "mysql://db/headrace" }, /DATABASE_URL: must be a postgresql:\/\/ URL/],
    [
      { homeDir: fresh, DATABASE_URL: "postgresql://me:secret@127.0.0.1:1/headrace" },
      /nobody answers at 127\.0\.0\.1:1/,
    ],
    [{ homeDir: path.join(file, "home") }, /a-file.* is no folder/],
  ]
  for (const [settings, sentence] of cases) {
    const refused = await startProduct(settings)
    assert.equal(await refused.ended, 1, refused.output())
    assert.match(refused.output(), sentence)
    assert.doesNotMatch(refused.output(), /\n\s+at |secret/)
    assert.ok(!existsSync(path.join(fresh, "postgres")))
    assert.ok(!existsSync(path.join(fresh, "state.json")))
  }
})

test("DATABASE_URL is used instead of a server of our own", { timeout: 60_000 }, async (context) => {
  const database = await createTestDatabase()
  context.after(() => database.drop())
  const home = path.join(folder, "elsewhere")
  const elsewhere = await startProduct({
    homeDir: home,
    DATABASE_URL: database.url,
    HEADRACE_WAREHOUSE_URL: database.warehouseUrl,
  })
  try {
    await elsewhere.prints(UP)
    const health = (await (await fetch(`${elsewhere.url}/api/v1/health`)).json()) as { database: string }
    assert.equal(health.database, "ok")
    assert.ok(!existsSync(path.join(home, "postgres")))
  } finally {
    await elsewhere.end("SIGTERM")
  }
})

function everyProcess(running: StartedProduct): number[] {
  const postmaster = Number(readFileSync(path.join(homeDir, "postgres/postmaster.pid"), "utf8").split("\n")[0])
  return [required(running.child.pid), postmaster, ...running.programs()]
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

async function finalState(url: string): Promise<string> {
  for (;;) {
    const run = (await (await fetch(url)).json()) as { state: string }
    if (["success", "failed", "cancelled"].includes(run.state)) return run.state
    await delay(100)
  }
}

function required<T>(value: T | undefined): T {
  assert.ok(value !== undefined)
  return value
}
