import type { Logger } from "pino"
import type { AuthorPool } from "#jobs/author/author-call.ts"
import type { Operator, TaskLog } from "#jobs/operators/operator.ts"
import { createWaitServices } from "#jobs/operators/wait-services.ts"
import type { Tracing } from "#jobs/tracing/start-tracing.ts"
import { materialiseCode } from "#jobs/workspace/materialise-code.ts"
import { claimTasks } from "#lib/actions/claim-tasks.ts"
import type { AttemptOutcome } from "#lib/actions/plan-attempt-end.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { WorkerId } from "#lib/domain/ids.ts"
import { createRedactor, secretsOfUrl } from "#lib/security/redact.ts"
import type { Config } from "#lib/server/config.ts"
import type { Connections } from "#lib/server/connections.ts"
import { createTablePolicies } from "#lib/server/quality/table-policies.ts"
import { type Claim, heartbeat } from "#lib/store/attempts.ts"
import type { Store } from "#lib/store/client.ts"
import { Listener } from "#lib/store/listener.ts"
import { appendLogLines } from "#lib/store/logs.ts"
import { readItem } from "#lib/store/mapped-tasks.ts"
import { CONTROL_CHANNEL } from "#lib/store/notify.ts"
import { readOutputs } from "#lib/store/outputs.ts"
import { QUEUE_CHANNEL_SQL } from "#lib/store/queue.ts"
import { readTaskEnds } from "#lib/store/task-ends.ts"
import { type PipelineVersion, readVersion, readVersionFiles } from "#lib/store/versions.ts"
import { Loop } from "../scheduler/loop.ts"
import { createAttemptLog } from "./attempt-log.ts"
import { Dispatcher } from "./dispatcher.ts"
import { CANCELLED, type ExecutionServices, executeAttempt, HANDED_BACK } from "./execute-attempt.ts"
import { createOutcomeRecorder } from "./record-outcome.ts"
import { createWorkerMeter } from "./worker-meter.ts"

export interface Executor {
  liveCount(): number
  /** Takes no more work, waits up to `drainMs` for what runs, then hands it back. */
  stop(drainMs: number): Promise<void>
}

/** Without a notification for this long a worker looks by itself: the backstop for a lost connection. */
const BACKSTOP_MS = 1_000

const SUPERSEDED = new AppError("attempt.superseded", "Another attempt has taken over.", { kind: "infrastructure" })

/** Connects queue, dispatcher, operators and store into the part of a worker that executes tasks. */
export async function startExecutor(parts: {
  store: Store
  config: Config
  connections: Connections
  author: AuthorPool
  operators: Record<string, Operator>
  workerId: WorkerId
  log: Logger
  tracing: Tracing
  /** Called when somebody says that a wait is over. */
  onWake: () => void
  /** Called when something arrived that may start a run, or may have while nobody listened. */
  onArrival?: () => void
  /** Called when there is something to send to a webhook, or may be. */
  onWebhooks?: () => void
  /** Called when a task may go that waits for an earlier run. */
  onPast?: () => void
  /** Called when a dataset's freshness is to be judged, or may be. */
  onFreshness?: () => void
  /** Called when something was measured, or a table has other columns. */
  onSeries?: () => void
  /** Called when a table is to be profiled, or may be. */
  onProfile?: () => void
  /** Called when there is something that may be trouble. */
  onSignal?: () => void
  /** Called when there is somebody to tell of an incident. */
  onAlert?: () => void
}): Promise<Executor> {
  const { store, config, workerId, log, tracing } = parts
  const redact = createRedactor(
    [
      config.databaseUrl,
      config.warehouseUrl,
      ...Object.values(config.connectionUrls),
      ...Object.values(config.notifyUrls),
    ]
      .flatMap(secretsOfUrl)
      .concat(config.authorSecrets),
  )
  const meter = createWorkerMeter(store.pool, tracing.counts)
  const codeDirs = new Map<string, Promise<string>>()
  const services: ExecutionServices = {
    operators: parts.operators,
    connections: parts.connections,
    policies: createTablePolicies(store.pool),
    author: parts.author,
    waits: createWaitServices(store, config.publicUrl),
    workspaceDir: config.workspaceDir,
    codeDirOf: (version) => codeDirOf(store, config, codeDirs, version),
    readOutputs: (runId, taskIds) => readOutputs(store.pool, runId, taskIds),
    readTasks: (runId, taskIds) => readTaskEnds(store.pool, runId, taskIds),
    readItem: (taskRunId) => readItem(store.pool, taskRunId),
  }

  const dispatcher = new Dispatcher({
    slots: config.workerSlots,
    claim: async (limit) => {
      // Tickets that were void (cancelled tasks) leave slots empty while more may wait: look until there is nothing.
      for (;;) {
        const { claims, isEmpty } = await claimTasks(store, workerId, limit)
        for (const { waitedMs } of claims) meter.claimed(waitedMs)
        if (claims.length > 0 || isEmpty) return claims
      }
    },
    execute: (claim, signal) => execute(claim, signal),
    record: createOutcomeRecorder({ store, log }),
    onError: (error) => log.error({ error: String(error) }, "dispatcher"),
  })

  async function execute(claim: Claim, signal: AbortSignal): Promise<AttemptOutcome> {
    const version = await readVersion(store.pool, claim.versionId)
    const attemptLog = createAttemptLog({
      store: (lines) => appendLogLines(store.pool, claim, lines),
      redact,
      maxBytes: config.logMaxBytes,
      onError: (error) => log.error({ attemptId: claim.attemptId, error: String(error) }, "log lines lost"),
    })
    const task = version.manifest.tasks.find((entry) => entry.id === claim.taskId)
    const write: TaskLog = (level, message) => attemptLog.write(level, message)
    // A task that does nothing has nothing to say; its log would cost more than its work.
    if (task && task.operator !== "noop") {
      write("info", `Try ${claim.attemptNumber} of ${task.id} (${task.operator}) starts on ${workerId}`)
    }
    const trace = tracing.attempt({ claim, operator: task?.operator ?? "", workerId })
    const outcome = await withTimeout(task?.timeoutMs ?? null, signal, (limited) =>
      executeAttempt(services, claim, version, write, limited, trace),
    )
    trace?.end({ outcome: outcome.kind, errorCode: outcome.kind === "failed" ? outcome.failure.code : null })
    report(outcome, write)
    await attemptLog.flush()
    meter.ended(outcome.kind)
    if (outcome.kind === "failed") outcome.failure.message = redact(outcome.failure.message)
    return outcome
  }

  const beats = new Loop({
    everyMs: config.heartbeatTimeoutMs / 4,
    step: async () => {
      const live = dispatcher.live
      const held = await heartbeat(
        store.pool,
        workerId,
        live.map((attempt) => attempt.attemptId),
        meter.read(),
      )
      for (const attempt of live) {
        const state = held.get(attempt.attemptId)
        if (!state) attempt.abort(SUPERSEDED)
        else if (state.isCancelling) attempt.abort(CANCELLED)
      }
      return null
    },
    onError: (error) => log.warn({ error: String(error) }, "heartbeat failed"),
  })

  const channel = (await store.pool.query<{ channel: string }>(QUEUE_CHANNEL_SQL)).rows[0]!.channel
  const listener = new Listener({
    databaseUrl: config.databaseUrl,
    channels: [channel, CONTROL_CHANNEL],
    applicationName: "headrace-worker-listen",
    onNotification: (from, payload) => {
      if (from === channel) return dispatcher.wake()
      const message = JSON.parse(payload) as { type: string; runId?: string }
      if (message.type === "wake") return parts.onWake()
      if (message.type === "arrival") parts.onArrival?.()
      if (message.type === "webhooks") parts.onWebhooks?.()
      if (message.type === "past") parts.onPast?.()
      if (message.type === "freshness") parts.onFreshness?.()
      if (message.type === "series") parts.onSeries?.()
      if (message.type === "profile") parts.onProfile?.()
      if (message.type === "signal") parts.onSignal?.()
      if (message.type === "alert") parts.onAlert?.()
      if (message.type !== "cancel") return
      for (const attempt of dispatcher.live) {
        if (attempt.runId === message.runId && !attempt.isTeardown) attempt.abort(CANCELLED)
      }
    },
    onReady: () => {
      dispatcher.wake()
      beats.wake()
      parts.onArrival?.()
      parts.onWebhooks?.()
      parts.onPast?.()
      parts.onFreshness?.()
      parts.onSeries?.()
      parts.onProfile?.()
      parts.onSignal?.()
      parts.onAlert?.()
    },
    onError: (error) => log.warn({ error: error.message }, "listening connection lost; coming back"),
  })
  await listener.start()
  const backstop = setInterval(() => dispatcher.wake(), BACKSTOP_MS)
  beats.wake()

  return {
    liveCount: () => dispatcher.live.length,
    async stop(drainMs) {
      clearInterval(backstop)
      dispatcher.stop()
      await Promise.race([dispatcher.drained(), new Promise((resolve) => setTimeout(resolve, drainMs).unref())])
      for (const attempt of dispatcher.live) attempt.abort(HANDED_BACK)
      await dispatcher.drained()
      await beats.stop()
      await listener.close()
    },
  }
}

function codeDirOf(
  store: Store,
  config: Config,
  known: Map<string, Promise<string>>,
  version: PipelineVersion,
): Promise<string> {
  const cached = known.get(version.hash)
  if (cached) return cached
  const made = readVersionFiles(store.pool, version.id)
    .then((files) => materialiseCode(config.homeDir, version.hash, files))
    .catch((error: unknown) => {
      known.delete(version.hash)
      throw error
    })
  known.set(version.hash, made)
  return made
}

/** Runs `work` with a signal that is also aborted when the time limit is over. */
async function withTimeout<Value>(
  timeoutMs: number | null,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  if (timeoutMs === null) return work(signal)
  const limit = new AbortController()
  const timer = setTimeout(() => {
    const message = `The task was stopped after its time limit of ${timeoutMs / 1000} s; make it faster or raise \`timeout\`.`
    limit.abort(new AppError("attempt.timed_out", message, { kind: "code", retry: "later" }))
  }, timeoutMs)
  try {
    return await work(AbortSignal.any([signal, limit.signal]))
  } finally {
    clearTimeout(timer)
  }
}

function report(outcome: AttemptOutcome, write: TaskLog): void {
  if (outcome.kind === "failed") {
    const { failure } = outcome
    if (failure.stack) write("error", failure.stack)
    write("error", `${failure.where ? `${failure.where}: ` : ""}${failure.message}`)
  } else if (outcome.kind === "skipped") write("info", `Skipped: ${outcome.reason}`)
  else if (outcome.kind === "deferred") write("info", outcome.wait.text)
  else if (outcome.kind === "cancelled") write("warn", "Cancelled.")
  else if (outcome.kind === "handed_back")
    write("warn", "The worker is stopping; another worker starts this task over.")
}
