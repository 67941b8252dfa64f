import { execFileSync } from "node:child_process"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { makeHomeDir } from "#test/spawn-worker.ts"
import { startProduct } from "#test/start-product.ts"
import { buildWeb } from "../scripts/web-build.ts"
import type { Benchmark } from "./harness.ts"

/** Long enough for what a start leaves behind to be collected. */
const SETTLE_MS = 15_000

/** Resident memory of the worker and the web process that `npm start` runs, when they have nothing to do. */
export default {
  name: "orchestration: memory when idle",
  async run() {
    const home = await makeHomeDir()
    await buildWeb(path.join(home.dir, "build.log"), AbortSignal.timeout(600_000))
    const product = await startProduct({
      homeDir: home.dir,
      HEADRACE_WORKSPACE: path.resolve(import.meta.dirname, "../test/workspaces/orchestration"),
    })
    try {
      await product.prints(/Headrace is up/)
      await fetch(`${product.url}/`)
      await delay(SETTLE_MS)
      return product.programs().flatMap((pid) => {
        const command = execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" })
        const name = /worker\.ts/.test(command) ? "worker" : /web\.ts/.test(command) ? "web" : null
        return name ? [{ name: `${name} process, idle`, value: residentMb(pid), unit: "MB" }] : []
      })
    } finally {
      await product.end("SIGTERM")
      await home.dispose()
    }
  },
} satisfies Benchmark

function residentMb(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }).trim()) / 1024
}
