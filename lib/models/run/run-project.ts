import { quoteIdentifier, quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import type { ModelNode } from "../project/node.ts"
import type { ParsedProject } from "../project/parse-project.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import { endNames } from "./end-names.ts"
import { type HookEvent, hooksOf } from "./hooks-of.ts"
import { isRelation } from "./is-relation.ts"
import { isMicrobatch } from "./microbatch.ts"
import { type DeferredRelations, nodeTask } from "./node-task.ts"
import { openConnection, type SessionOptions } from "./open-connection.ts"
import { poolProject } from "./project-setup.ts"
import type { EventTimeRange, NodeOutcome, NodeStatus, NodeTask } from "./protocol.ts"
import { type BatchesOptions, runBatches } from "./run-batches.ts"
import { runGraph } from "./run-graph.ts"
import { type PoolOptions, ThreadPool } from "./thread-pool.ts"
import { type RunnableNode, workGraph } from "./work-graph.ts"

export type Command = "build" | "run" | "test" | "seed" | "snapshot" | "compile" | "show"

/** A node that has run, or was skipped. */
export interface NodeResult extends NodeOutcome {
  node: RunnableNode
  startedAt: Date
  /** Seconds. */
  executionTime: number
}

export interface RunListener {
  onStart?(node: RunnableNode, index: number, total: number): void
  onEnd?(result: NodeResult, index: number, total: number): void
  onLog?(level: "info" | "debug" | "warn", message: string): void
}

export interface RunOptions {
  project: ParsedProject
  command: Command
  /** Unique ids, in any order. */
  selected: ReadonlySet<string>
  session: SessionOptions
  threads: number
  isFailFast?: boolean
  deferred?: DeferredRelations
  /** `show`: rows of each node. */
  limit?: number | null
  invocationArgs?: YamlMap
  /** Microbatch models: from when to when to build, instead of the newest batches. */
  eventTime?: { start?: Date; end?: Date }
  /** Of microbatch models by unique id: these batches alone, as they failed before. */
  batches?: ReadonlyMap<string, readonly EventTimeRange[]>
  /** Whether warnings of an event of dbt's are errors: a test that would warn fails. */
  areWarningsErrors?(event: string): boolean
  listener?: RunListener
  signal?: AbortSignal
  /** Threads from an earlier run, which stay open. */
  pool?: ThreadPool
}

/**
 * Runs the selected nodes of a project in their order, a thread and a session each, between the hooks of on-run-start and
 * on-run-end. What fails is skipped by what is built from it. Gives a result for each node and hook, in the order in which they
 * ended. After a hook of on-run-start that fails, nothing runs.
 */
export async function runProject(options: RunOptions): Promise<NodeResult[]> {
  const { project, command, session, threads, listener } = options
  const runnable = runnableNodes(options)
  const poolOptions: PoolOptions = {
    size: Math.max(1, Math.min(threads, mostAtOnce(runnable))),
    session,
    project: poolProject(project, { selected: options.selected, invocationArgs: options.invocationArgs ?? {} }),
    onLog: (level, message) => listener?.onLog?.(level, message),
  }
  const pool = options.pool ?? new ThreadPool(poolOptions)
  if (options.pool) await pool.reopen(poolOptions)
  try {
    const isBuilding = command !== "compile" && command !== "show"
    if (isBuilding) await createSchemas(session, [...runnable.values()])
    if (!isBuilding) return await runNodes(options, pool, runnable)
    const before = await runHooks(options, pool, "on-run-start", [])
    const failed = before.find(({ status }) => status === "error")
    if (failed) return [...before, ...skipAll(options, runnable, failed)]
    const results = await runNodes(options, pool, runnable)
    return [...before, ...results, ...(await runHooks(options, pool, "on-run-end", results))]
  } finally {
    if (!options.pool) await pool.close()
  }
}

/** Batches of a model may run beside each other. */
function mostAtOnce(runnable: ReadonlyMap<string, RunnableNode>): number {
  const hasBatches = [...runnable.values()].some(
    (node) => isMicrobatch(node) && node.config.concurrent_batches === true,
  )
  return hasBatches ? Number.POSITIVE_INFINITY : runnable.size
}

/** Those of the selected that are run at all: ephemeral models are part of what reads them. */
function runnableNodes({ project, selected, command }: RunOptions): Map<string, RunnableNode> {
  const { nodes, unitTests } = project.manifest
  const found = new Map<string, RunnableNode>()
  for (const id of selected) {
    const node = nodes.get(id) ?? unitTests.get(id)
    if (!node) continue
    const isEphemeral = node.resource_type === "model" && node.config.materialized === "ephemeral"
    if (isEphemeral && command !== "compile" && command !== "show") continue
    found.set(id, node)
  }
  return found
}

async function runNodes(
  options: RunOptions,
  pool: ThreadPool,
  runnable: ReadonlyMap<string, RunnableNode>,
): Promise<NodeResult[]> {
  const { project, command, threads, listener, signal } = options
  const total = runnable.size
  let started = 0
  const kind = command === "compile" || command === "show" ? command : "execute"
  const results = await runGraph<NodeResult>({
    graph: workGraph(project.manifest, new Set(runnable.keys()), command === "build"),
    concurrency: threads,
    async run(id) {
      const node = runnable.get(id)!
      const index = ++started
      listener?.onStart?.(node, index, total)
      const result = await runOne(options, pool, node, {
        kind,
        ...(options.limit !== undefined && { limit: options.limit }),
      })
      listener?.onEnd?.(result, index, total)
      return result
    },
    skip(id, cause) {
      const because = cause === null ? "the run was stopped" : `of ${runnable.get(cause)?.name ?? cause}`
      const result = skipped(
        runnable.get(id)!,
        cause === null ? `Skipped, as ${because}` : `Skipped because ${because}`,
      )
      listener?.onEnd?.(result, ++started, total)
      return result
    },
    // A failing test holds up what comes behind it in a build alone; there is no order between tests.
    blocks: ({ status }) => status === "skipped" || FAILED.has(status),
    stops: ({ status }) => options.isFailFast === true && FAILED.has(status),
    ...(signal && { signal }),
  })
  return [...results.values()]
}

const FAILED: ReadonlySet<NodeStatus> = new Set(["error", "fail", "partial success"])

function skipAll(
  { listener }: RunOptions,
  runnable: ReadonlyMap<string, RunnableNode>,
  cause: NodeResult,
): NodeResult[] {
  return [...runnable.values()].map((node, place) => {
    const result = skipped(node, `Skipped because of ${cause.node.name}`)
    listener?.onEnd?.(result, place + 1, runnable.size)
    return result
  })
}

async function runOne(
  options: RunOptions,
  pool: ThreadPool,
  node: RunnableNode,
  task: Omit<NodeTask, "node" | "parents">,
): Promise<NodeResult> {
  const startedAt = new Date()
  const begin = performance.now()
  const { project, deferred, signal, areWarningsErrors } = options
  const run = (given: Omit<NodeTask, "node" | "parents">, of: RunnableNode) =>
    pool.run(nodeTask(project.manifest, of, { ...given, ...(deferred && { deferred }) }), signal ? { signal } : {})
  const outcome =
    task.kind === "execute" && isMicrobatch(node) ? await runMicrobatch(options, node, run) : await run(task, node)
  const isFailed = outcome.status === "warn" && areWarningsErrors?.("LogTestResult") === true
  const status = isFailed ? "fail" : outcome.status
  return { ...outcome, status, node, startedAt, executionTime: (performance.now() - begin) / 1000 }
}

function runMicrobatch(
  { project, eventTime, batches, signal }: RunOptions,
  node: ModelNode,
  run: BatchesOptions["run"],
): Promise<NodeOutcome> {
  const only = batches?.get(node.unique_id)
  const own = node.config.full_refresh
  return runBatches({
    node,
    run,
    now: project.invocation.startedAt,
    isFullRefresh: only === undefined && (typeof own === "boolean" ? own : project.invocation.flags.fullRefresh),
    ...(eventTime && { eventTime }),
    ...(only && { only }),
    ...(signal && { signal }),
  })
}

function skipped(node: RunnableNode, message: string): NodeResult {
  return {
    node,
    status: "skipped",
    message,
    failures: null,
    compiledCode: null,
    ephemerals: [],
    executedCode: null,
    adapterResponse: {},
    relationName: node.resource_type === "unit_test" ? null : node.relation_name,
    timing: [],
    error: null,
    warnings: [],
    preview: null,
    startedAt: new Date(),
    executionTime: 0,
    threadId: "main",
  }
}

/** Runs the hooks of an event in their order, up to one that fails. */
async function runHooks(
  options: RunOptions,
  pool: ThreadPool,
  event: HookEvent,
  results: readonly NodeResult[],
): Promise<NodeResult[]> {
  const ended: NodeResult[] = []
  const names = event === "on-run-end" ? endNames(results) : {}
  for (const hook of hooksOf(options.project.manifest, event)) {
    const result = await runOne(options, pool, hook, { kind: "execute", names })
    ended.push(result)
    if (result.status === "error") break
  }
  return ended
}

/** Creates the schemas that nodes go to, where they are missing. */
async function createSchemas(options: SessionOptions, nodes: readonly RunnableNode[]): Promise<void> {
  const wanted = new Set(nodes.flatMap((node) => (isRelation(node) ? [node.schema] : [])))
  if (wanted.size === 0) return
  const session = await openConnection(options)
  try {
    const list = [...wanted].map(quoteLiteral).join(", ")
    const [answer] = await session.run(`select nspname from pg_catalog.pg_namespace where nspname in (${list})`)
    for (const [name] of answer!.rows) wanted.delete(name!)
    for (const name of wanted) await session.run(`create schema if not exists ${quoteIdentifier(name)}`)
  } finally {
    await session.close()
  }
}
