import { cpSync, mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { startProduct } from "../test/start-product.ts"

/**
 * Brings up the whole product once for all journeys, as `npm start` does, with a home and a copy of the demo workspace in a
 * temporary folder, which journeys may edit: HEADRACE_E2E_HOME and HEADRACE_E2E_WORKSPACE. Returns what takes it down again.
 * With HEADRACE_URL the journeys visit what runs there already; whoever started that says where it is.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const url = process.env.HEADRACE_E2E_URL
  if (!url) return undefined
  const folder = mkdtempSync(path.join(os.tmpdir(), "headrace-e2e-"))
  const home = path.join(folder, "home")
  const workspace = path.join(folder, "workspace")
  cpSync(path.resolve(import.meta.dirname, "../workspace"), workspace, { recursive: true })
  process.env.HEADRACE_E2E_HOME = home
  process.env.HEADRACE_E2E_WORKSPACE = workspace
  const product = await startProduct({
    homeDir: home,
    HEADRACE_WORKSPACE: workspace,
    HEADRACE_PORT: new URL(url).port,
  })
  const takeDown = async () => {
    await product.end("SIGTERM")
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await product.prints(/Headrace is up/)
    return takeDown
  } catch (error) {
    await takeDown()
    throw error
  }
}
