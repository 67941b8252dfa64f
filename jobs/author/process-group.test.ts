import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { createInterface } from "node:readline"
import { test } from "node:test"
import { isProcessGone } from "#test/is-process-gone.ts"

/** A process of its own that starts a group and is then killed without warning. */
const PARENT = `
import { spawnGroup } from ${JSON.stringify(path.join(import.meta.dirname, "process-group.ts"))}
const child = spawnGroup("bash", ["-c", "sleep 61 & echo $$ $!; wait"], { stdio: ["ignore", "inherit", "ignore"] })
child.on("exit", () => console.log("over"))
`

test("no process outlives a worker that is killed without warning, descendants included", async () => {
  const parent = spawn(process.execPath, ["--input-type=module-typescript", "-e", PARENT], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string]
  const pids = line.split(" ").map(Number)
  assert.equal(pids.length, 2)
  parent.kill("SIGKILL")
  for (const pid of pids) assert.ok(await isProcessGone(pid), `process ${pid} lives on`)
})
