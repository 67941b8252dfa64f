import { readFileSync } from "node:fs"
import type { Json, JsonObject } from "#lib/contracts/json.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { ERROR_KINDS, type ErrorCode, type ErrorKind, type Failure, fingerprint } from "#lib/domain/errors.ts"
import type { TaskContext, TaskLogger } from "#lib/sdk/context.ts"
import type { TaskDefinition } from "#lib/sdk/definition.ts"
import { nodeOf } from "#lib/sdk/handles.ts"
import { TaskError } from "#lib/sdk/task-error.ts"
import type { Row } from "#lib/sdk/work.ts"
import type { AuthorHook, AuthorRow } from "./author-call.ts"
import { type ChildOutcome, type FromChild, MAX_OUTPUT_BYTES, type ToChild } from "./author-protocol.ts"
import { authorFrames, authorStack } from "./author-stack.ts"
import { captureOutput, logLine, markEnd } from "./child-log.ts"
import { allowAuthorCode, codeRoot, functionOf, loadTask } from "./task-code.ts"

/**
 * One process of the author pool: holds one session at a time and calls the author's functions in it. Everything the
 * worker must be able to trust (limits, kills, credentials) is enforced from outside.
 */
interface Session {
  root: string
  open: Extract<ToChild, { type: "open" }>
  abort: AbortController
  context: TaskContext
  task: TaskDefinition | null
}

class SkipTask extends Error {}
class OutputError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

const sendToParent = process.send!.bind(process)
// Libraries that find it believe they were forked, and talk to the worker.
process.send = undefined
const environment = { ...process.env }
const queries = new Map<number, { resolve(rows: AuthorRow[]): void; reject(error: Error): void }>()
let session: Session | null = null
let callId: number | null = null
let queryCount = 0
let isBroken = false

captureOutput()
allowAuthorCode(process.argv[2]!)
process.on("message", (message: ToChild) => void receive(message))
// The worker is gone: so are we, with all that was started here.
process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"))
process.on("SIGTERM", () => (session ? session.abort.abort(new Error("The worker stops this task.")) : process.exit(0)))
process.on("uncaughtException", onStrayError)
process.on("unhandledRejection", onStrayError)
const resourcesAtRest = activeResources()
send({ type: "ready" })

async function receive(message: ToChild): Promise<void> {
  switch (message.type) {
    case "open":
      return openSession(message)
    case "send":
      callId = message.id
      return finish(message.id, await call(message.hook, message.input))
    case "abort":
      return session?.abort.abort(new Error(message.reason))
    case "rows":
      queries.get(message.id)?.resolve(message.rows)
      return void queries.delete(message.id)
    case "query_failed":
      queries.get(message.id)?.reject(Object.assign(new Error(message.message), { retry: message.retry }))
      return void queries.delete(message.id)
    case "close":
      return closeSession()
  }
}

function openSession(open: Extract<ToChild, { type: "open" }>): void {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
  const root = codeRoot(open.codeDir)
  process.chdir(root)
  const abort = new AbortController()
  session = { root, open, abort, context: makeContext(open, abort.signal), task: null }
}

/** A turn of the event loop later, so that what is being closed is closed. */
function closeSession(): void {
  session?.abort.abort(new Error("The task is over."))
  session = null
  queries.clear()
  setImmediate(() => {
    const isClean = !isBroken && activeResources() <= resourcesAtRest && !hasChildren()
    send({ type: "closed", isClean, rssBytes: process.memoryUsage.rss() })
  })
}

async function call(hook: AuthorHook, input: unknown): Promise<ChildOutcome> {
  const current = session
  if (!current) throw new Error("no session")
  try {
    const { file, pipelineId, taskId } = current.open
    try {
      current.task ??= await loadTask(current.root, file, pipelineId, taskId)
    } catch (error) {
      // A failed import stays failed in this process; the next attempt gets another.
      isBroken = true
      throw error
    }
    return { kind: "done", output: await callFunction(current.task, hook, input, current.context) }
  } catch (error) {
    if (error instanceof SkipTask) return { kind: "skipped", reason: error.message }
    return { kind: "threw", failure: failureOf(error, current.root) }
  }
}

async function callFunction(task: TaskDefinition, hook: AuthorHook, input: unknown, context: TaskContext) {
  switch (hook) {
    case "main":
      return outputsOf(await functionOf(task, "main")(context, input as never))
    case "choose":
      return choiceOf(task, await functionOf(task, "main")(context, input as never))
    case "before":
      await functionOf(task, "before")(context)
      return {}
    case "after":
      await functionOf(task, "after")(context, input as JsonObject)
      return {}
    case "transform":
      return rowsOf(await functionOf(task, "transform")(input as Row[], context))
    case "validate": {
      const validate = functionOf(task, "validate")
      const verdicts: (string | null)[] = []
      for (const row of input as Row[]) verdicts.push(verdictOf(await validate(row, context)))
      return verdicts
    }
  }
}

/** JSON of what the function returned: an object of named outputs, or nothing. */
function outputsOf(value: unknown): JsonObject {
  if (value === undefined || value === null) return {}
  if (typeof value !== "object" || Array.isArray(value)) {
    const what = Array.isArray(value) ? "an array" : `a ${typeof value}`
    throw new OutputError(
      "task.failed",
      `The function returned ${what}; return an object of named outputs, such as { rows: 3 }.`,
    )
  }
  const text = JSON.stringify(value)
  if (Buffer.byteLength(text) > MAX_OUTPUT_BYTES) {
    throw new OutputError(
      "task.output_too_large",
      `The outputs take ${Buffer.byteLength(text)} bytes as JSON, more than the ${MAX_OUTPUT_BYTES} allowed; write data to a table and return its name.`,
    )
  }
  return JSON.parse(text) as JsonObject
}

/** What a branch or short-circuit decided: the ids that it named, or whether to go on. */
function choiceOf(task: TaskDefinition, value: unknown): JsonObject {
  if (task.work.operator === "shortCircuit") return { proceed: Boolean(value) }
  if (value === null || value === undefined) return { follow: [] }
  const named = [value].flat().map((way: unknown) => nodeOf(way)?.id ?? way)
  if (named.every((way) => typeof way === "string")) return { follow: [...new Set(named)] }
  throw new OutputError(
    "task.failed",
    "The branch returned something that is no task; return task ids, or null for none.",
  )
}

function rowsOf(value: unknown): AuthorRow[] {
  if (Array.isArray(value) && value.every((row) => typeof row === "object" && row !== null)) return value as AuthorRow[]
  throw new OutputError("task.failed", "transform did not return an array of rows; return the rows to load, or [].")
}

function verdictOf(value: unknown): string | null {
  if (value === true || value === undefined || value === null || value === "") return null
  return typeof value === "string" ? value.slice(0, 1_000) : "rejected by validate"
}

/** What author code may call its failures; the others are ours to give. */
const AUTHOR_KINDS = new Set<ErrorKind>(ERROR_KINDS.filter((kind) => kind !== "cancelled" && kind !== "infrastructure"))

function failureOf(error: unknown, root: string): Failure {
  const message = (error instanceof Error ? error.message : String(error)).trim().slice(0, 4_000)
  const code = error instanceof OutputError ? error.code : "task.failed"
  const frame = authorFrames(error instanceof Error ? error.stack : undefined, root)[0]
  // By its fields, not its class: author code may bring its own copy of the SDK, and any error may carry them.
  const said = (typeof error === "object" && error !== null ? error : {}) as Record<
    "retry" | "kind" | "after" | "name" | "group",
    unknown
  >
  const isFinal = error instanceof OutputError || said.retry === "never"
  const afterMs = parseDuration(said.after as string | number)
  return {
    code,
    message: message || "The task failed without a message.",
    kind: AUTHOR_KINDS.has(said.kind as ErrorKind) ? (said.kind as ErrorKind) : "code",
    retry: isFinal ? "never" : "later",
    ...(afterMs !== null && { retryAfterMs: afterMs }),
    fingerprint: fingerprint(code, message),
    where: frame ? `${frame.file}:${frame.line}` : null,
    stack: authorStack(error, root),
    // Other errors may have a `group` that means something else.
    ...(said.name === "TaskError" && typeof said.group === "string" && { group: said.group }),
  }
}

function finish(id: number, outcome: ChildOutcome): void {
  if (callId !== id) return
  callId = null
  const marked = markEnd(id)
  try {
    send({ type: "result", id, outcome, marked })
  } catch (error) {
    // Structured clone refuses functions and the like.
    const failure = failureOf(
      new OutputError("task.failed", `The rows cannot leave the process: ${String(error)}`),
      "/",
    )
    send({ type: "result", id, outcome: { kind: "threw", failure }, marked })
  }
}

/** An error outside the awaited call, in a timer or a promise nobody awaits, is the call's error all the same. */
function onStrayError(error: unknown): void {
  isBroken = true
  if (!session) process.exit(1)
  if (callId !== null) finish(callId, { kind: "threw", failure: failureOf(error, session.root) })
}

function makeContext(open: Extract<ToChild, { type: "open" }>, signal: AbortSignal): TaskContext {
  const { params, ...run } = open.run
  const log = ((message: string) => logLine("info", String(message))) as TaskLogger
  for (const level of ["debug", "info", "warn", "error"] as const) {
    log[level] = (message: string) => logLine(level, String(message))
  }
  return {
    run,
    params,
    attempt: open.attempt,
    log,
    signal,
    query: query as TaskContext["query"],
    skip(reason) {
      throw new SkipTask(reason)
    },
    fail(message, options) {
      throw new TaskError(message, options)
    },
  }
}

async function query(connection: string, text: string, params: Json[] = []): Promise<AuthorRow[]> {
  const id = ++queryCount
  // The failure comes from the worker; its place is the line that asked.
  const { stack } = new Error("asked here")
  try {
    return await new Promise<AuthorRow[]>((resolve, reject) => {
      queries.set(id, { resolve, reject })
      send({ type: "query", id, connection, text, params })
    })
  } catch (error) {
    if (error instanceof Error) error.stack = stack?.replace("asked here", () => error.message)
    throw error
  }
}

function send(message: FromChild): void {
  sendToParent(message)
}

/** Timers, sockets, servers and the like that keep the process alive. */
function activeResources(): number {
  return process.getActiveResourcesInfo().length
}

function hasChildren(): boolean {
  try {
    return readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").trim() !== ""
  } catch {
    // Not Linux, or a kernel without this list.
    return false
  }
}
