import { readdir, realpath, stat } from "node:fs/promises"
import path from "node:path"
import type { Readable } from "node:stream"
import { killGroup, spawnGroup } from "#jobs/author/process-group.ts"
import { readLines } from "#jobs/author/read-lines.ts"
import type { LoadedPipeline, LoadedWorkspace, WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { AppError } from "#lib/domain/errors.ts"
import { triggerLoops } from "#lib/domain/trigger-loop.ts"
import { authorEnvironment } from "#lib/server/config.ts"
import type { DeclaredPipeline, LoaderMessage, LoaderRequest } from "./loader-protocol.ts"
import { readAlertRules } from "./read-alert-rules.ts"
import { readPolicies } from "./read-policies.ts"
import { versionHash } from "./version-hash.ts"

const CHILD = path.join(import.meta.dirname, "loader-child.ts")
/** Declarations are small; a file that needs more than this loads data where it should declare. */
const MEMORY_MB = 512
/** The longest line the child may send: one file's manifests with the texts of their files. */
const MAX_MESSAGE_BYTES = 256 * 1024 * 1024

interface Loading {
  pipelines: (DeclaredPipeline & { file: string })[]
  problems: WorkspaceProblem[]
}

/**
 * Reads the author's project: the manifest and files of every good pipeline, policies of datasets (`readPolicies`), alert rules, and what
 * is wrong with the others. Files
 * `pipelines/**\/*.ts` are imported one by one in a child process without credentials; one that never ends, ends the
 * process or takes all memory is reported, and the others are read without it. `timeoutMs` (default 10 s) is for each.
 * @throws AppError `workspace.invalid` where the folder itself cannot be read.
 */
export async function loadWorkspace(
  dir: string,
  options: { connections: string[]; timeoutMs?: number },
): Promise<LoadedWorkspace> {
  const { root, files } = await findFiles(dir)
  const loading: Loading = { pipelines: [], problems: [] }
  for (let left = files; left.length > 0; ) {
    const request = { dir: root, connections: options.connections, files: left }
    const { done, stuck } = await importFiles(request, options.timeoutMs ?? 10_000, loading)
    if (stuck) loading.problems.push(problem(stuck.file, null, "exception", stuck.reason))
    left = left.slice(done.length + (stuck ? 1 : 0))
  }
  if (files.length === 0) {
    const message = "The workspace has no file under pipelines/; add pipelines/<name>.ts that declares one."
    loading.problems.push(problem("pipelines", null, "missing_file", message))
  }
  const { policies, problems } = await readPolicies(root)
  const alerts = await readAlertRules(root)
  loading.problems.push(...problems, ...alerts.problems)
  return { ...settle(loading), policies, alertRules: alerts.alertRules }
}

async function findFiles(dir: string): Promise<{ root: string; files: string[] }> {
  try {
    const root = await realpath(dir)
    if (!(await stat(root)).isDirectory()) throw new Error("not a folder")
    const entries = await readdir(path.join(root, "pipelines"), { recursive: true, withFileTypes: true }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return []
        throw error
      },
    )
    const files = entries
      .filter((entry) => !entry.isDirectory() && /\.ts$/.test(entry.name) && !/\.(d|test)\.ts$/.test(entry.name))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      .filter((file) => !file.split(path.sep).some((part) => part.startsWith(".") || part === "node_modules"))
    return { root, files: files.sort() }
  } catch (error) {
    throw new AppError(
      "workspace.invalid",
      `The workspace ${dir} cannot be read; set HEADRACE_WORKSPACE to its folder.`,
      {
        kind: "config",
        cause: error,
      },
    )
  }
}

/** Imports files in one child until all are done or one of them stops it. */
async function importFiles(
  request: LoaderRequest,
  timeoutMs: number,
  loading: Loading,
): Promise<{ done: string[]; stuck: { file: string; reason: string } | null }> {
  const child = spawnGroup(
    process.execPath,
    [`--max-old-space-size=${MEMORY_MB}`, "--disable-warning=ExperimentalWarning", CHILD, JSON.stringify(request)],
    { cwd: request.dir, env: authorEnvironment(), stdio: ["ignore", "ignore", "ignore", "pipe"] },
  )
  const ended = new Promise<{ code: number | null; signal: string | null; error?: Error }>((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, error }))
    child.once("exit", (code, signal) => resolve({ code, signal }))
  })
  const done: string[] = []
  let current: string | null = null
  let hasTimedOut = false
  let isUnreadable = false
  let isComplete = false
  const kill = () => killGroup(child.pid, "SIGKILL")
  const onTimeout = () => {
    hasTimedOut = true
    kill()
  }
  // The child itself takes a moment to start, longer on a busy machine.
  let timer = setTimeout(onTimeout, timeoutMs + 20_000)
  const receive = (message: LoaderMessage) => {
    clearTimeout(timer)
    if (message.type === "importing") {
      current = message.file
      timer = setTimeout(onTimeout, timeoutMs)
    } else if (message.type === "imported") {
      done.push(message.file)
      current = null
      loading.problems.push(...message.problems)
      loading.pipelines.push(...message.pipelines.map((pipeline) => ({ ...pipeline, file: message.file })))
    } else isComplete = true
  }
  try {
    for await (const line of readLines(child.stdio[3] as Readable, MAX_MESSAGE_BYTES)) {
      receive(JSON.parse(line.text) as LoaderMessage)
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    isUnreadable = true
  } finally {
    clearTimeout(timer)
    kill()
  }
  const end = await ended
  // Whatever the author's code left running in the background ends with the load.
  kill()
  if (isComplete) return { done, stuck: null }
  if (current === null) {
    throw new AppError("workspace.invalid", "The process that reads the workspace ended early; see the log.", {
      kind: "infrastructure",
      retry: "later",
      details: { code: end.code, signal: end.signal, request: request.dir },
      cause: end.error,
    })
  }
  return {
    done,
    stuck: { file: current, reason: isUnreadable ? UNREADABLE : stuckReason(hasTimedOut, timeoutMs, end) },
  }
}

const UNREADABLE =
  "What the file declares cannot be read; it changes the language's own objects, such as JSON, or declares far too much."

function stuckReason(hasTimedOut: boolean, timeoutMs: number, end: { code: number | null; signal: string | null }) {
  if (hasTimedOut) {
    return `Importing the file took longer than ${timeoutMs / 1_000} s; look for an endless loop or a wait at its top level.`
  }
  // 13: "unsettled top-level await" (Node.js documentation, process exit codes).
  if (end.code === 13) return "The file awaits something at its top level that never comes."
  if (end.code === 134 || end.signal === "SIGABRT") {
    return `Importing the file took more than ${MEMORY_MB} MB of memory; declare pipelines there, and load data in tasks.`
  }
  return `Importing the file ended the process (${end.signal ?? `exit ${end.code}`}); remove what ends it.`
}

/** Keeps the first of several pipelines with one id, drops repeated problems, and hashes what is left. */
function settle(loading: Loading): Omit<LoadedWorkspace, "policies" | "alertRules"> {
  const problems = new Map<string, WorkspaceProblem>()
  const add = (item: WorkspaceProblem) => problems.set(JSON.stringify(item), item)
  for (const item of loading.problems) add(item)
  const first = new Map<string, { file: string; line: number | null }>()
  const pipelines: LoadedPipeline[] = []
  for (const { id, file, line, version } of loading.pipelines) {
    const own = { file: version?.manifest.file ?? file, line }
    const other = first.get(id)
    if (other) {
      const place = other.line === null ? other.file : `${other.file}:${other.line}`
      const message = `The pipeline id "${id}" is taken by ${place}; give this one another id.`
      add({ ...problem(own.file, line, "duplicate_pipeline", message), pipelineId: id })
      continue
    }
    first.set(id, own)
    if (version) pipelines.push({ ...version, hash: versionHash(version.manifest, version.files) })
  }
  const loops = triggerLoops(pipelines.map((pipeline) => pipeline.manifest))
  for (const loop of loops) {
    for (const id of new Set(loop)) {
      const own = first.get(id)!
      const message = `Pipelines start each other in a circle: ${loop.join(" → ")}. Take one of these triggers away.`
      add({ ...problem(own.file, own.line, "cycle", message), pipelineId: id })
    }
  }
  const looping = new Set(loops.flat())
  const sorted = [...problems.values()].sort(
    (one, other) => compare(one.file, other.file) || (one.line ?? 0) - (other.line ?? 0),
  )
  return { pipelines: pipelines.filter((pipeline) => !looping.has(pipeline.manifest.id)), problems: sorted }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function problem(file: string, line: number | null, rule: WorkspaceProblem["rule"], message: string): WorkspaceProblem {
  return { file, line, column: null, pipelineId: null, rule, message }
}
