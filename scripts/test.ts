import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { parseArgs } from "node:util"
import { checkImports } from "./check-imports.ts"
import { type Outcome, runNodeTests, testFiles } from "./node-tests.ts"
import { ROOT } from "./paths.ts"
import { say } from "./steps.ts"
import { messageOf } from "./user-error.ts"
import { buildWeb } from "./web-build.ts"

/**
 * `npm test`: runs every suite, also after one failed, and ends with one line, `N passed, N failed`, and the exit code that
 * goes with it. `--only check,unit` picks suites; further arguments pick test files whose path contains one of them.
 */
const SUITES = { check, unit, db, process: processes, e2e }
type Suite = keyof typeof SUITES

/** The first complaints of a tool say what is wrong; a thousand more would hide the next suite. */
const MAX_LINES = 200

/** Wait for time limits to pass and hardly use the processor. */
const WAITING = /(outage|schedulers)\.process\.test\.ts$/

const { only, patterns } = readArguments()
clearEnvironment()
const total: Outcome = { passed: 0, failed: 0 }
for (const name of only) {
  const started = performance.now()
  say(`\n${name}`)
  const outcome = await SUITES[name]().catch((error: unknown) => {
    say(`  ✖ ${error instanceof Error ? error.stack : error}`)
    return { passed: 0, failed: 1 }
  })
  total.passed += outcome.passed
  total.failed += outcome.failed
  say(`  ${outcome.passed} passed, ${outcome.failed} failed in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
say(`\n${total.passed} passed, ${total.failed} failed`)
process.exit(total.failed === 0 ? 0 : 1)

async function check(): Promise<Outcome> {
  return sum(
    // Types of routes, which `next build` would generate, and next-env.d.ts.
    await checked("types", ["next", "typegen"], ["tsc", "--noEmit", "--project", "."]),
    await checked("format and lint", [
      "biome",
      "ci",
      "--error-on-warnings",
      "--diagnostic-level=warn",
      "--colors=off",
      ".",
    ]),
    await passes("import rules", async () => {
      const violations = checkImports().map(({ file, line, message }) => `${file}:${line} ${message}`)
      if (violations.length > 0) throw new Error(violations.join("\n"))
    }),
    await checked("unused code", ["knip", "--no-progress", "--no-config-hints"]),
  )
}

async function unit(): Promise<Outcome> {
  return runNodeTests(picked(testFiles("test")), os.availableParallelism())
}

async function db(): Promise<Outcome> {
  const files = picked(testFiles("db.test"))
  const server = files.length > 0 && !process.env.HEADRACE_TEST_DATABASE_URL ? await startDatabaseServer() : null
  try {
    return await runNodeTests(files, 2)
  } finally {
    server?.kill("SIGTERM")
    if (server && server.exitCode === null) await once(server, "exit")
  }
}

/**
 * Tests that start, kill and stop the real programs; one at a time, for they measure time and take the processor. Those that
 * mostly wait run beside the others.
 */
async function processes(): Promise<Outcome> {
  const files = picked(testFiles("process.test"))
  if (files.length === 0) return { passed: 0, failed: 0 }
  const built = await webBuild()
  const waiting = files.filter((file) => WAITING.test(file))
  const others = files.filter((file) => !WAITING.test(file))
  return sum(built, ...(await Promise.all([runNodeTests(waiting, 1), runNodeTests(others, 1)])))
}

async function e2e(): Promise<Outcome> {
  if (!existsSync(path.join(ROOT, "e2e"))) return { passed: 0, failed: 0 }
  const folder = mkdtempSync(path.join(os.tmpdir(), "headrace-report-"))
  const report = path.join(folder, "report.json")
  try {
    const built = await webBuild()
    process.env.PLAYWRIGHT_JSON_OUTPUT_NAME = report
    const result = await runTool(["playwright", "test", "--pass-with-no-tests", ...patterns])
    if (!existsSync(report)) throw new Error(result.output)
    const { stats, errors } = JSON.parse(readFileSync(report, "utf8")) as PlaywrightReport
    const failed = stats.unexpected + errors.length
    if (failed > 0) say(indent(result.output))
    return sum(built, { passed: stats.expected + stats.flaky, failed })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Of Playwright's JSON reporter. `errors` are those outside any test, such as a product that does not come up. */
interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number }
  errors: unknown[]
}

async function webBuild(): Promise<Outcome> {
  return passes("web app builds", async () => {
    await buildWeb(path.join(ROOT, ".headrace/logs/build.log"), AbortSignal.timeout(10 * 60_000))
  })
}

/** Null when one runs already, which the tests then find by themselves. */
async function startDatabaseServer(): Promise<ChildProcess | null> {
  const server = spawn(process.execPath, ["test/database-server.ts"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
  })
  const isReady = await Promise.race([
    once(server.stdout, "data").then(() => true),
    once(server, "exit").then(() => false),
  ])
  return isReady ? server : null
}

/** One check made of commands; it passes when all of them do. */
async function checked(name: string, ...commands: string[][]): Promise<Outcome> {
  return passes(name, async () => {
    for (const command of commands) {
      const { code, output } = await runTool(command)
      if (code !== 0) throw new Error(output)
    }
  })
}

async function passes(name: string, work: () => Promise<void>): Promise<Outcome> {
  try {
    await work()
    say(`  ✔ ${name}`)
    return { passed: 1, failed: 0 }
  } catch (error) {
    say(`  ✖ ${name}\n${indent(messageOf(error))}`)
    return { passed: 0, failed: 1 }
  }
}

/** Runs a program of node_modules/.bin under this Node. */
async function runTool([name = "", ...args]: string[]): Promise<{ code: number | null; output: string }> {
  const bin = path.join(ROOT, "node_modules/.bin")
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    NEXT_TELEMETRY_DISABLED: "1",
    NO_COLOR: "1",
    FORCE_COLOR: "0",
  }
  const child = spawn(path.join(bin, name), args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk
    })
  }
  const [code] = (await once(child, "close")) as [number | null]
  const lines = output.trimEnd().split("\n")
  const isLong = lines.length > MAX_LINES
  return {
    code,
    output: lines.slice(0, MAX_LINES).join("\n") + (isLong ? `\n… and ${lines.length - MAX_LINES} lines` : ""),
  }
}

/** What is set for the person's own Headrace must not reach the one under test. */
function clearEnvironment(): void {
  // Where tests find a server and programs that they do not bring; what some are told to do, such as the seed that they replay.
  const kept = /^HEADRACE_(TEST_DATABASE_URL|PROMETHEUS|SEED|DAGS|WORLDS|PARTITIONS|CHAOS_KILLS|CHAOS_SEED|SCREENSHOT)$/
  for (const name of Object.keys(process.env)) {
    if (name === "DATABASE_URL" || (/^HEADRACE_/.test(name) && !kept.test(name))) {
      delete process.env[name]
    }
  }
}

function readArguments(): { only: Suite[]; patterns: string[] } {
  const all = Object.keys(SUITES) as Suite[]
  const { values, positionals } = parseArgs({ options: { only: { type: "string" } }, allowPositionals: true })
  const names = values.only?.split(",") ?? all
  const unknown = names.find((name) => !all.some((suite) => suite === name))
  if (unknown !== undefined) {
    say(`There is no suite ${unknown}: choose from ${all.join(", ")}.`)
    process.exit(2)
  }
  return { only: all.filter((suite) => names.includes(suite)), patterns: positionals }
}

function picked(files: string[]): string[] {
  return patterns.length === 0 ? files : files.filter((file) => patterns.some((pattern) => file.includes(pattern)))
}

function sum(...outcomes: Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((total, { passed }) => total + passed, 0),
    failed: outcomes.reduce((total, { failed }) => total + failed, 0),
  }
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, "      ")
}
