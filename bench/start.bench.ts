import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { readRunningState } from "#lib/server/running-state.ts"
import { ROOT } from "../scripts/paths.ts"
import { freePort } from "../scripts/ports.ts"
import { buildWeb } from "../scripts/web-build.ts"
import type { Benchmark } from "./harness.ts"

/**
 * `npm start` from the command to the line that it is up, with packages installed and the web app built: on an empty home,
 * which makes the database, the schema and the demo's shop and starts the first run; and on that home again.
 */
export default {
  name: "start",
  rounds: 3,
  async run() {
    const home = mkdtempSync(path.join(os.tmpdir(), "headrace-bench-"))
    try {
      await buildWeb(path.join(home, "build.log"), AbortSignal.timeout(600_000))
      const cold = await secondsToStart(home)
      const warm = await secondsToStart(home)
      return [
        { name: "npm start, new home", value: cold, unit: "s" },
        { name: "npm start, warm", value: warm, unit: "s" },
      ]
    } finally {
      rmSync(home, { recursive: true, force: true })
    }
  },
} satisfies Benchmark

async function secondsToStart(home: string): Promise<number> {
  const { DATABASE_URL: _, ...env } = process.env
  const began = performance.now()
  const npm = spawn("npm", ["start"], {
    cwd: ROOT,
    env: { ...env, NODE_ENV: "production", HEADRACE_HOME: home, HEADRACE_PORT: String(await freePort()) },
    stdio: ["ignore", "pipe", "pipe"],
  })
  await untilUp(npm)
  const seconds = (performance.now() - began) / 1000
  const state = readRunningState(home)
  if (state) process.kill(state.pid, "SIGTERM")
  await once(npm, "exit")
  return seconds
}

function untilUp(npm: ChildProcess): Promise<void> {
  let output = ""
  return new Promise((resolve, reject) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        output += chunk
        if (output.includes("Headrace is up")) resolve()
      })
    }
    npm.once("exit", () => reject(new Error(`npm start ended:\n${output}`)))
  })
}
