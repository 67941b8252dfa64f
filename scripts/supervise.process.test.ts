import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { afterEach, beforeEach, test } from "node:test"
import { type Supervised, supervise } from "./supervise.ts"

const READY = `process.send({ type: "ready" }); process.channel.unref(); setInterval(() => {}, 1000);`

let folder: string
let file: string
let notices: string[]
let changed: PromiseWithResolvers<void>
let supervised: Supervised | undefined

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "headrace-supervise-"))
  file = path.join(folder, "program.mjs")
  notices = []
  changed = Promise.withResolvers()
})

afterEach(async () => {
  await supervised?.stop()
  rmSync(folder, { recursive: true })
})

test("a program that crashes is started again", { timeout: 20_000 }, async () => {
  const before = (await start(READY)).identity()
  process.kill(Number.parseInt(before, 10), "SIGKILL")
  await changed.promise
  assert.notEqual(supervised?.identity(), before)
  assert.match(notices.join("\n"), /The program ended unexpectedly \(SIGKILL\): starting it again/)
})

test("a program that does not start is told with its last words", async () => {
  await assert.rejects(() => start(`console.error("Error: the moon is full"); process.exit(3)`), {
    name: "UserError",
    message: /The program did not start: Error: the moon is full \(exit code 3; more in .*program\.log\)/,
  })
})

test("stopping while it is being started again leaves nothing", { timeout: 20_000 }, async () => {
  const program = await start(READY)
  writeFileSync(file, "setInterval(() => {}, 1000)") // Never ready.
  process.kill(Number.parseInt(program.identity(), 10), "SIGKILL")
  while (notices.length === 0) await new Promise((resolve) => setImmediate(resolve))
  await program.stop()
  assert.equal(program.identity(), "")
})

test("a program that ignores SIGTERM is killed", { timeout: 20_000 }, async () => {
  const program = await start(`process.on("SIGTERM", () => {}); ${READY}`)
  await program.stop()
  assert.equal(program.identity(), "")
})

test("an edit that breaks the program is told, and the next one mends it", { timeout: 20_000 }, async () => {
  const program = await start(READY)
  writeFileSync(file, "this is no program")
  await program.restart()
  assert.match(notices.join("\n"), /The program did not start: SyntaxError/)
  writeFileSync(file, READY)
  await program.restart()
  assert.notEqual(program.identity(), "")
})

async function start(source: string): Promise<Supervised> {
  writeFileSync(file, source)
  supervised = undefined
  supervised = await supervise(
    { name: "program", args: [file], env: process.env, logFile: path.join(folder, "program.log"), stopWithinMs: 200 },
    new AbortController().signal,
    {
      notice: (line) => notices.push(line),
      changed: () => changed.resolve(),
      givenUp: (reason) => notices.push(reason),
    },
  )
  return supervised
}
