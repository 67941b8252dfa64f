import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { lockFolder } from "./folder-lock.ts"

test("a folder's lock has one holder, who tells the next what it likes", async (context) => {
  const folder = await makeFolder(context)
  const first = await lockFolder(folder, "start")
  assert.ok(first.kind === "acquired")
  first.lock.say("at home")
  assert.deepEqual(await lockFolder(folder, "start"), { kind: "held", says: "at home" })
  assert.equal((await lockFolder(folder, "build")).kind, "acquired")
  first.lock.release()
  assert.equal((await lockFolder(folder, "start")).kind, "acquired")
})

test("a killed holder leaves no lock", async (context) => {
  const folder = await makeFolder(context)
  const program = `
    import { lockFolder } from ${JSON.stringify(path.join(import.meta.dirname, "folder-lock.ts"))}
    const { kind } = await lockFolder(${JSON.stringify(folder)}, "start")
    console.log(kind)
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const [said] = (await once(holder.stdout, "data")) as [Buffer]
  assert.equal(said.toString().trim(), "acquired")
  assert.equal((await lockFolder(folder, "start")).kind, "held")
  holder.kill("SIGKILL")
  await once(holder, "exit")
  assert.equal((await lockFolder(folder, "start")).kind, "acquired")
})

async function makeFolder(context: { after(work: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "headrace-lock-"))
  context.after(() => rm(folder, { recursive: true }))
  return folder
}
