import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"

test("a disk that is full costs lines of the log, not the process", () => {
  const full = openSync("/dev/full", "w") // Every write to it ends with ENOSPC: full(4).
  const program = `
    import { log } from ${JSON.stringify(path.join(import.meta.dirname, "log.ts"))}
    import { setImmediate } from "node:timers/promises"
    for (let line = 0; line < 100; line++) { log.info("nobody will read this"); await setImmediate() }
    process.stderr.write("still here")
    process.exit(0)
  `
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
    timeout: 20_000,
  })
  closeSync(full)
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "still here" })
})
