import { spawn } from "node:child_process"
import { closeSync, existsSync } from "node:fs"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { openLog, sizeOf, tail } from "./log-file.ts"
import { ROOT, shown } from "./paths.ts"
import { UserError } from "./user-error.ts"

const FILL_PROGRAM = "demo/fill-shop.ts"
const FIRST_PIPELINE = "daily_etl"

/** The worker reads the workspace within a second of its start; a slow machine gets more. */
const LOADED_WITHIN_MS = 20_000

/** Whether that workspace is the demo, or a copy of it, which needs the demo's source database. */
export function isDemoWorkspace(workspaceDir: string): boolean {
  return existsSync(path.join(workspaceDir, FILL_PROGRAM))
}

/**
 * Makes sure that the demo's shop stands in the database of `url`; one that is there is kept.
 * @throws UserError with what the program said.
 */
export async function fillDemoSource(url: string, logFile: string, signal: AbortSignal): Promise<void> {
  const log = openLog(logFile)
  const offset = sizeOf(logFile)
  // A copy of the workspace may lie where no packages are found: the program runs from here.
  const child = spawn(process.execPath, [path.join(ROOT, "workspace", FILL_PROGRAM)], {
    cwd: ROOT,
    env: { ...process.env, SHOP_URL: url },
    stdio: ["ignore", log, log],
    signal,
  })
  closeSync(log)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", resolve)
  })
  if (code === 0) return
  const words = tail(logFile, offset)
  if (words.some((line) => /No space left on device|53100/.test(line))) {
    throw new UserError("The disk is full: free some space and start again.")
  }
  throw new UserError(
    `The demo's shop could not be made: ${words.at(-1) ?? "it gave no reason"} (more in ${shown(logFile)}).`,
  )
}

/** Starts the demo's pipeline through the API if it has never run. Resolves to the run's page, or null when it has. */
export async function startFirstRun(baseUrl: string, signal: AbortSignal): Promise<string | null> {
  const api = async (route: string, body?: object) => {
    const response = await fetch(`${baseUrl}/api/v1/${route}`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(LOADED_WITHIN_MS)]),
      ...(body && {
        method: "POST",
        // Starts side by side, or a start killed between the request and its answer, still make one run.
        headers: { "content-type": "application/json", "idempotency-key": "headrace-first-run" },
        body: JSON.stringify(body),
      }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const deadline = Date.now() + LOADED_WITHIN_MS
  for (let answer = await api(`pipelines/${FIRST_PIPELINE}`); answer.status !== 200; ) {
    if (Date.now() > deadline) return null // The author removed or broke it; the console shows which.
    await delay(100, undefined, { signal })
    answer = await api(`pipelines/${FIRST_PIPELINE}`)
  }
  const runs = await api(`runs?pipelineId=${FIRST_PIPELINE}&limit=1`)
  if (!Array.isArray(runs.body.items) || runs.body.items.length > 0) return null
  const created = await api("runs", { pipelineId: FIRST_PIPELINE, note: "First run, made by npm start" })
  if (created.status >= 300) throw new UserError(`The API answered ${created.status}, ${created.body.detail}`)
  return `${baseUrl}/runs/${created.body.id}`
}
