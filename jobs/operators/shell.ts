import type { ChildProcess } from "node:child_process"
import { stat } from "node:fs/promises"
import path from "node:path"
import type { Readable } from "node:stream"
import { setTimeout as delay } from "node:timers/promises"
import { oomKillCount } from "#jobs/author/memory.ts"
import { killGroup, spawnGroup } from "#jobs/author/process-group.ts"
import { readLines } from "#jobs/author/read-lines.ts"
import { type ShellOptions, shellOptionsSchema } from "#lib/contracts/operators/shell.ts"
import { AppError } from "#lib/domain/errors.ts"
import { authorEnvironment } from "#lib/server/config.ts"
import { defineOperator, type LogLevel, type OperatorContext } from "./operator.ts"

/** Between asking a command to stop and killing it. */
const GRACE_MS = 1_000
/** Programs that left the process group may hold the pipes open; their output is not waited for. */
const DRAIN_MS = 4_000
const MAX_LINE_BYTES = 16 * 1024

interface CommandEnd {
  code: number | null
  signal: NodeJS.Signals | null
  lastLine: string
  lastError: string
}

/**
 * Runs a command with `bash -c` in a process group of its own. Its output goes to the log line by line; a code other than
 * 0 fails the task. It is stopped with all it started when the attempt is, and sees no variables but a few harmless ones
 * and those in `env`, where `{{env.NAME}}` stands for the worker's `HEADRACE_ENV_NAME`.
 */
export const shellOperator = defineOperator({
  name: "shell",
  options: shellOptionsSchema,
  async run(context) {
    context.signal.throwIfAborted()
    const oomKillsBefore = oomKillCount()
    const end = await runCommand(context, await commandFolder(context))
    context.signal.throwIfAborted()
    if (end.code !== 0) throw commandFailed(end, oomKillCount() !== oomKillsBefore)
    return { outputs: { exitCode: 0, lastLine: end.lastLine } }
  },
})

async function runCommand(context: OperatorContext<ShellOptions>, cwd: string): Promise<CommandEnd> {
  const { signal } = context
  const child = spawnGroup("bash", ["-c", context.options.command], {
    cwd,
    env: commandEnvironment(context),
    stdio: ["ignore", "pipe", "pipe"],
  })
  let killTimer: NodeJS.Timeout | undefined
  const onAbort = () => {
    killGroup(child.pid, "SIGTERM")
    killTimer = setTimeout(() => killGroup(child.pid, "SIGKILL"), GRACE_MS)
  }
  signal.addEventListener("abort", onAbort, { once: true })
  if (signal.aborted) onAbort()
  try {
    const output = Promise.all([
      copyToLog(context, child.stdout, "info"),
      // Programs write progress to stderr as often as errors.
      copyToLog(context, child.stderr, "warn"),
    ])
    const { code, signal: killedBy } = await exitOf(child)
    killGroup(child.pid, "SIGKILL")
    const drained = await Promise.race([output, delay(DRAIN_MS, null, { ref: false })])
    const [lastLine = "", lastError = ""] = drained ?? []
    return { code, signal: killedBy, lastLine, lastError }
  } finally {
    clearTimeout(killTimer)
    signal.removeEventListener("abort", onAbort)
    child.stdout?.destroy()
    child.stderr?.destroy()
  }
}

function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code, signal) => resolve({ code, signal }))
    child.once("error", (cause) => {
      const message = `The command could not be started (${cause.message}); install bash on this worker.`
      reject(new AppError("task.failed", message, { kind: "infrastructure", retry: "later", cause }))
    })
  })
}

/** Gives the last line that is not blank. */
async function copyToLog(context: OperatorContext<ShellOptions>, stream: Readable | null, level: LogLevel) {
  let last = ""
  try {
    if (stream) {
      for await (const { text, cutBytes } of readLines(stream, MAX_LINE_BYTES)) {
        await context.log(level, cutBytes > 0 ? `${text}… (${cutBytes} more bytes)` : text)
        if (text.trim() !== "") last = text
      }
    }
  } catch {
    // Destroyed while something outside the group still held it.
  }
  return last
}

function commandEnvironment(context: OperatorContext<ShellOptions>): NodeJS.ProcessEnv {
  const env = { ...authorEnvironment() }
  for (const name of Object.keys(env)) if (name.startsWith("HEADRACE_ENV_")) delete env[name]
  // As OpenTelemetry's tools look for it ("Environment Variables as Context Propagation Carriers").
  if (context.trace) env.TRACEPARENT = context.trace.traceparent
  for (const [name, value] of Object.entries(context.options.env)) {
    env[name] = String(value).replace(/\{\{\s*env\.([A-Za-z0-9_]+)\s*\}\}/g, (_match, secret: string) => {
      const found = context.connections.variable(secret)
      if (found !== null) return found
      const message = `The variable ${name} needs HEADRACE_ENV_${secret.toUpperCase()}, which this worker does not have; set it and restart.`
      throw new AppError("task.failed", message, { kind: "config" })
    })
  }
  return env
}

async function commandFolder(context: OperatorContext<ShellOptions>): Promise<string> {
  const folder = path.join(context.codeDir, context.options.cwd ?? "")
  const found = await stat(folder).catch(() => null)
  if (found?.isDirectory()) return folder
  throw new AppError(
    "workspace.missing_file",
    `The folder ${context.options.cwd} is not part of this version; name the files that the command uses in \`files\`.`,
    { kind: "config" },
  )
}

function commandFailed(end: CommandEnd, isOutOfMemory: boolean): AppError {
  // Bash says 137 where a program that it ran was killed.
  const exitCode = end.signal === "SIGKILL" ? 137 : end.code
  const details = { exitCode, signal: end.signal }
  if (exitCode === 137 && isOutOfMemory) {
    const message = "The command was killed (out of memory), exit 137; hold less in memory or give the machine more."
    return new AppError("attempt.out_of_memory", message, { retry: "later", details })
  }
  if (end.signal !== null) {
    const message = `The command was killed by ${end.signal}, exit ${exitCode ?? "unknown"}; see the log for what it did last.`
    return new AppError("attempt.killed", message, { kind: "infrastructure", retry: "later", details })
  }
  const reason = end.lastError === "" ? "; see the log for what it printed" : `: ${end.lastError.slice(0, 500)}`
  return new AppError("task.exit_code", `The command ended with exit ${exitCode}${reason}.`, {
    retry: "later",
    details,
  })
}
