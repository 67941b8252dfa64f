import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"

const ROOT = path.resolve(import.meta.dirname, "..")
const UP_WITHIN_MS = 180_000

/**
 * Brings up the whole product once for all journeys, as `npm start` does, with a home and a copy of the demo workspace in a
 * temporary folder, which journeys may edit: HEADRACE_E2E_WORKSPACE. Returns what takes it down again.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const url = process.env.HEADRACE_E2E_URL
  if (!url) return undefined
  const port = new URL(url).port
  const folder = mkdtempSync(path.join(os.tmpdir(), "headrace-e2e-"))
  const workspace = path.join(folder, "workspace")
  cpSync(path.join(ROOT, "workspace"), workspace, { recursive: true })
  process.env.HEADRACE_E2E_WORKSPACE = workspace
  const logFile = path.join(folder, "start.log")
  const log = openSync(logFile, "a")
  const product = spawn(process.execPath, ["scripts/start.ts"], {
    cwd: ROOT,
    env: {
      ...process.env,
      HEADRACE_PORT: port,
      HEADRACE_HOME: path.join(folder, "home"),
      HEADRACE_WORKSPACE: workspace,
    },
    stdio: ["ignore", log, log],
  })
  const takeDown = async () => {
    if (product.exitCode === null) {
      product.kill("SIGTERM")
      await once(product, "exit")
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const deadline = Date.now() + UP_WITHIN_MS
  while (!readFileSync(logFile, "utf8").includes("Headrace is up")) {
    if (product.exitCode !== null || Date.now() > deadline) {
      const words = readFileSync(logFile, "utf8")
      await takeDown()
      throw new Error(`The product did not come up:\n${words}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return takeDown
}
