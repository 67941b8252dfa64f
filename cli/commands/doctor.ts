import { existsSync } from "node:fs"
import { statfs } from "node:fs/promises"
import path from "node:path"
import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import { type Health, healthSchema } from "#lib/contracts/api/system.ts"
import { workspaceProblemSchema } from "#lib/contracts/manifest.ts"
import { HEADRACE_VERSION } from "#lib/server/version.ts"
import { type CliContext, contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { stateText } from "../output.ts"
import { problemText } from "./validate.ts"

interface Finding {
  name: string
  state: "ok" | "warn" | "failed"
  message: string
  /** What to do about it; null when all is well. */
  advice: string | null
}

const GIGABYTE = 1024 ** 3

/** doctor. */
export function addDoctorCommand(program: Command, signal: AbortSignal): void {
  program
    .command("doctor")
    .description("check what Headrace needs, and say what to do")
    .action(async (_options: object, command: Command) => {
      const context = contextOf(command, signal)
      const health = await readHealth(context)
      const findings = [
        checkNode(),
        checkServer(context, health),
        ...(health ? [checkDatabase(health), checkWorkers(health)] : []),
        ...(health?.database === "ok" ? [await checkWorkspace(context), await checkMetrics(context)] : []),
        await checkDisk(context.settings.homeDir),
      ]
      context.output.result({ findings }, () => findings.map(findingText).join("\n"))
      if (!health) throw new CliError("Headrace does not answer.", EXIT.unreachable)
      if (findings.some((finding) => finding.state === "failed")) throw new CliError("Not all is well.", EXIT.failed)
    })
}

function findingText({ name, state, message, advice }: Finding): string {
  const word = stateText(state) + " ".repeat(8 - state.length)
  return `${word}${name.padEnd(11)} ${message}${advice ? `\n${" ".repeat(20)}→ ${advice}` : ""}`
}

function checkNode(): Finding {
  const isFine = Number(process.versions.node.split(".")[0]) >= 24
  return {
    name: "node",
    state: isFine ? "ok" : "failed",
    message: `Node ${process.versions.node}`,
    advice: isFine ? null : "Run npm ci in Headrace's folder: it brings Node 24.",
  }
}

async function readHealth({ client }: CliContext): Promise<Health | null> {
  return client.probe("/health", healthSchema).catch(() => null)
}

function checkServer({ client }: CliContext, health: Health | null): Finding {
  if (!health) {
    const advice = "Start it with npm start, or give its address with --url or HEADRACE_URL."
    return { name: "server", state: "failed", message: `Nothing answers at ${client.url}.`, advice }
  }
  const message = `Version ${health.version} answers at ${client.url}.`
  const isSame = health.version === HEADRACE_VERSION
  const advice = isSame ? null : `This CLI is ${HEADRACE_VERSION}: use the one of the server's version.`
  return { name: "server", state: isSame ? "ok" : "warn", message, advice }
}

function checkDatabase(health: Health): Finding {
  const isFine = health.database === "ok"
  const advice = isFine ? null : "See whether Postgres runs: .headrace/postgres, or the server of DATABASE_URL."
  const message = isFine ? "The database answers." : "The database does not answer."
  return { name: "database", state: isFine ? "ok" : "failed", message, advice }
}

function checkWorkers(health: Health): Finding {
  const isFine = health.workers > 0
  const message = isFine ? `${health.workers} alive.` : "None is alive: runs wait."
  return {
    name: "workers",
    state: isFine ? "ok" : "failed",
    message,
    advice: isFine ? null : "Start one with npm run worker.",
  }
}

async function checkWorkspace({ client }: CliContext): Promise<Finding> {
  const { items } = await client.get("/workspace/problems", pageOf(workspaceProblemSchema))
  if (items.length === 0) return { name: "workspace", state: "ok", message: "Loads without problems.", advice: null }
  return {
    name: "workspace",
    state: "failed",
    message: `${items.length} problems; the first: ${problemText(items[0]!)}`,
    advice: "Mend the places that headrace validate lists; the other pipelines run meanwhile.",
  }
}

/** What Prometheus would not be told of, and what the trace collector was not. */
async function checkMetrics({ client }: CliContext): Promise<Finding> {
  const text = await client.metrics().catch(() => null)
  if (text === null) {
    const advice = "See what headrace metrics says; a server of another version may have none."
    return { name: "metrics", state: "warn", message: "They cannot be read.", advice }
  }
  const sum = (series: RegExp) => [...text.matchAll(series)].reduce((total, match) => total + Number(match[1]), 0)
  const leftOut = sum(/^headrace_metrics_\w+_left_out (\d+)$/gm)
  const dropped = sum(/^headrace_trace_spans_total\{[^}]*result="dropped"\} (\d+)$/gm)
  if (leftOut > 0) {
    const message = `${leftOut} pipelines and tables are not among the metrics.`
    return { name: "metrics", state: "warn", message, advice: "Raise HEADRACE_METRICS_LIMIT." }
  }
  if (dropped > 0) {
    const message = `${dropped} spans did not reach the trace collector.`
    const advice = "See whether it runs, and whether HEADRACE_OTLP_URL is right; a worker's log says what it answered."
    return { name: "metrics", state: "warn", message, advice }
  }
  return { name: "metrics", state: "ok", message: "Prometheus finds all at /api/metrics.", advice: null }
}

/** Of the file system that holds, or will hold, the home folder. */
async function checkDisk(homeDir: string): Promise<Finding> {
  let dir = homeDir
  while (!existsSync(dir) && path.dirname(dir) !== dir) dir = path.dirname(dir)
  const { bavail, bsize } = await statfs(dir)
  const free = (bavail * bsize) / GIGABYTE
  const state = free < 0.5 ? "failed" : free < 5 ? "warn" : "ok"
  const advice =
    state === "ok" ? null : `Make room on the disk that holds ${dir}, or set HEADRACE_HOME to a larger one.`
  return { name: "disk", state, message: `${free.toFixed(1)} GB free.`, advice }
}
