import path from "node:path"
import { type Config, readConfig } from "#lib/server/config.ts"
import { readRunningState, removeRunningState, writeRunningState } from "#lib/server/running-state.ts"
import { HEADRACE_VERSION } from "#lib/server/version.ts"
import { fillDemoSource, isDemoWorkspace, startFirstRun } from "./demo.ts"
import { explainError } from "./explain-error.ts"
import { claimHome } from "./home.ts"
import { shown } from "./paths.ts"
import { checkPort } from "./ports.ts"
import { startDatabase } from "./start-database.ts"
import { startPrograms } from "./start-programs.ts"
import { say, step } from "./steps.ts"
import { onStopSignals } from "./stop-signals.ts"
import { killLeftovers } from "./supervise.ts"
import { together } from "./together.ts"
import { messageOf, UserError } from "./user-error.ts"
import { buildWeb, isWebBuildStale } from "./web-build.ts"

/**
 * `npm start`: brings up database, web and worker from whatever state the folder is in, and stops them together. With
 * `--watch` the web app is served from its sources and the worker restarts when its code changes.
 */
const isWatching = process.argv.includes("--watch")

/** Stands for a URL until there is a server: the rest of the configuration is needed before. */
const NO_URL_YET = "postgresql://127.0.0.1/headrace"

const STOPPED = new DOMException("stopped by the person who started it", "AbortError")
const stopping = new AbortController()
/** Ends what has been started, in reverse order. */
const running = new AsyncDisposableStack()
/** The same at once, for who cannot wait. */
const kills: (() => void)[] = []

process.stdout.on("error", () => {}) // The terminal is gone.
onStopSignals(
  () => stopping.abort(STOPPED),
  () => {
    for (const kill of kills.reverse()) kill()
    process.exit(130)
  },
)
try {
  await start(stopping.signal)
  await new Promise((resolve) => stopping.signal.addEventListener("abort", resolve, { once: true }))
} catch (error) {
  stopping.abort(error)
}
const failure = stopping.signal.reason === STOPPED ? null : explainError(stopping.signal.reason)
say(failure === null ? "\n  Stopping: running tasks may finish. Ctrl-C again ends them." : `\n  ✖ ${failure}\n`)
await running.disposeAsync()
if (failure === null) say("  Headrace has stopped.")
process.exit(failure === null ? 0 : 1)

async function start(signal: AbortSignal): Promise<void> {
  const began = performance.now()
  const ownUrl = process.env.DATABASE_URL || null
  const config = readConfig({ ...process.env, DATABASE_URL: ownUrl ?? NO_URL_YET })
  const { homeDir, host, port, workspaceDir } = config
  const logs = path.join(homeDir, "logs")
  const url = addressOf(config)
  say(`\n  Headrace ${HEADRACE_VERSION}\n`)

  const lock = await claimHome(homeDir, url)
  running.defer(() => lock.release())
  await killLeftovers(readRunningState(homeDir)?.children ?? [])
  await checkPort(port, host)
  signal.throwIfAborted()

  const database = await startDatabase(config, ownUrl, giveUp)
  running.defer(() => database.stop())
  kills.push(() => database.kill())
  const shopUrl = isDemoWorkspace(workspaceDir) && !config.connectionUrls.shop ? database.shopUrl : null
  await together(signal, [
    async (signal) => {
      if (shopUrl) await step("Demo shop is open", () => fillDemoSource(shopUrl, path.join(logs, "demo.log"), signal))
    },
    async (signal) => {
      if (isWatching || !(await isWebBuildStale())) return
      await step("Web app is built", () => buildWeb(path.join(logs, "build.log"), signal))
    },
  ])

  const environment = {
    ...database.environment,
    ...(shopUrl && { HEADRACE_CONNECTION_SHOP: shopUrl }),
    HEADRACE_WORKSPACE: workspaceDir,
    HEADRACE_HOME: homeDir,
  }
  const env = {
    // To strip and compile the same sources anew is a quarter of what a worker does until it is ready (measured).
    NODE_COMPILE_CACHE: path.join(homeDir, "compile-cache"),
    ...process.env,
    ...environment,
    HEADRACE_HOST: host,
    HEADRACE_PORT: String(port),
  }
  const changed = () =>
    writeRunningState(homeDir, { url, pid: process.pid, children: programs.identities(), environment })
  const programs = await startPrograms(config, env, isWatching, signal, { changed, givenUp: giveUp })
  running.defer(() => programs.stop())
  kills.push(() => programs.kill())
  changed()
  running.defer(() => removeRunningState(homeDir))
  const firstRun = shopUrl && (await startFirst(url, signal))

  say(`\n  Headrace is up after ${((performance.now() - began) / 1000).toFixed(1)} s: ${url}`)
  if (firstRun) say(`  Watch the first run: ${firstRun}`)
  if (!isLoopback(host)) say("  Anyone who reaches this machine can use it: nobody is asked to sign in.")
  say(`  Logs are in ${shown(logs)}. Ctrl-C stops everything.\n`)
}

/** The product is up without it: what keeps the first run from starting is told, and ends nothing. */
async function startFirst(url: string, signal: AbortSignal): Promise<string | null> {
  const done = (run: string | null) => (run ? "First run of the demo is started" : "Demo pipeline has run before")
  try {
    return await step("First run of the demo", () => startFirstRun(url, signal), done)
  } catch (error) {
    signal.throwIfAborted()
    say(`    ${messageOf(error)}: start it in the console.`)
    return null
  }
}

function giveUp(reason: string): void {
  stopping.abort(new UserError(reason))
}

/** What to type into a browser on this machine. */
function addressOf({ host, port }: Config): string {
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host
  return `http://${name}:${port}`
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.")
}
