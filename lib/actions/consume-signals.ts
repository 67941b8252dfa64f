import type { AlertRule } from "../domain/alert-rule.ts"
import {
  type ConditionSubject,
  deleteCondition,
  nextConditionAt,
  readConditionsOf,
  readDueConditions,
} from "../store/alert-conditions.ts"
import { readActiveRules } from "../store/alert-rules.ts"
import type { Store } from "../store/client.ts"
import { isStoreAway } from "../store/is-store-away.ts"
import { type EndedRunFacts, readEndedRuns } from "../store/run-troubles.ts"
import { lockSignals, refuseSignal, type Signal, type SignalKind, takeSignals } from "../store/signals.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { judgeCondition } from "./judge-condition.ts"
import { judgeRunEnd } from "./judge-run-end.ts"
import { type ConditionKind, lookAtSubject } from "./look-at-subject.ts"

/** Signals of one transaction: few enough that people who act on incidents meanwhile do not wait for long. */
const BATCH = 50

/**
 * Makes incidents of what waits in the outbox of signals, each in the transaction that takes it out: a worker that dies in
 * between leaves the signal for the next. Of any number of workers one at a time does this; the others have nothing to do.
 * A signal that cannot be made anything of is set aside, and `report` is told.
 */
export async function consumeSignals(
  store: Store,
  report: (error: unknown) => void = () => undefined,
): Promise<{ consumed: number }> {
  let consumed = 0
  for (let limit = BATCH; ; ) {
    try {
      const taken = await inTransaction(store.pool, (transaction) => consume(transaction, limit))
      consumed += taken
      if (taken < limit) return { consumed }
      limit = BATCH
    } catch (error) {
      if (isPassing(error)) throw error
      // Found by smaller and smaller batches, then set aside: one bad signal must not hold up the others.
      if (limit === 1) {
        report(error)
        await refuseSignal(store.pool, String(error).slice(0, 500))
      }
      limit = Math.max(1, Math.floor(limit / 10))
    }
  }
}

/** Lock and statement time-outs, deadlocks, serialization failures: nothing is wrong with the signal. */
const PASSING = new Set(["40001", "40P01", "55P03", "57014", "25P03"])

function isPassing(error: unknown): boolean {
  return isStoreAway(error) || PASSING.has(String((error as { code?: unknown }).code))
}

async function consume(transaction: Transaction, limit: number): Promise<number> {
  if (!(await lockSignals(transaction))) return 0
  const signals = await takeSignals(transaction, limit)
  if (signals.length === 0) return 0
  const context = { transaction, rules: await readActiveRules(transaction), now: await readNow(transaction) }
  const runs = await readEndedRuns(
    transaction,
    signals.flatMap(({ kind, runId }) => (kind === "run" && runId !== null ? [runId] : [])),
  )
  // What was read of the runs knows nothing of failures that come before them in this very batch.
  let hasNewFailures = false
  for (const signal of signals) {
    if (signal.kind !== "run") {
      await judge(context, signal)
      continue
    }
    const run = runs.get(signal.runId ?? "")
    if (run) await judgeRun(context, run, hasNewFailures || run.hasFailing)
    hasNewFailures ||= run?.state === "failed"
  }
  return signals.length
}

interface Context {
  transaction: Transaction
  rules: AlertRule[]
  now: Date
}

/** What a signal asks to be looked at. */
const CONDITION_OF: Record<Exclude<SignalKind, "run">, ConditionKind> = {
  freshness: "freshness_breach",
  quality: "quality_below",
  checks: "check_failure",
  anomaly: "anomaly",
  deadline: "deadline_missed",
  worker: "worker_lost",
  metric: "metric",
}

async function judge(context: Context, signal: Signal): Promise<void> {
  const { kind, pipelineId, datasetId, runId, subject: name } = signal
  if (kind === "run") return
  if (kind === "worker") return judgeWorkers(context, name)
  await look(context, CONDITION_OF[kind], { pipelineId, datasetId, runId, name })
}

/** Most runs go well and have nothing to mend; these cost no statement here. */
async function judgeRun(context: Context, run: EndedRunFacts, hasFailing: boolean): Promise<void> {
  if (run.state === "failed" || hasFailing) await judgeRunEnd(context.transaction, run, context.rules)
  if (run.state !== "success") return
  if (run.hasLongRun || isLongEnough(run, context.rules)) {
    await look(context, "duration_anomaly", { pipelineId: run.pipelineId, runId: run.id })
  }
  for (const datasetId of run.checked) await look(context, "check_failure", { datasetId })
}

/** Whether a run took so long that some rule might find it unusual, whatever is usual. */
function isLongEnough({ startedAt, finishedAt }: EndedRunFacts, rules: readonly AlertRule[]): boolean {
  const seconds = startedAt && finishedAt ? (finishedAt.getTime() - startedAt.getTime()) / 1_000 : 0
  return rules.some(({ condition }) => condition.kind === "duration_anomaly" && seconds >= condition.minSeconds)
}

/** `id` is lost; or, where it is empty, another one started that may stand in for those that are. */
async function judgeWorkers(context: Context, id: string): Promise<void> {
  const lost = await readConditionsOf(context.transaction, "worker_lost")
  const names = id === "" ? lost.map(({ subject }) => subject.name ?? "") : [id]
  for (const name of names) await look(context, "worker_lost", { name })
}

/** Gives the keys of the conditions that were looked at. */
async function look(context: Context, kind: ConditionKind, subject: ConditionSubject): Promise<string[]> {
  const looks = await lookAtSubject(context, kind, subject)
  for (const found of looks) await judgeCondition(context.transaction, found, context.now)
  return looks.map(({ key }) => key)
}

/** What is looked at without a signal: conditions whose time has come, and the queue. */
export async function sweepConditions(store: Store, now: Date): Promise<Date | null> {
  return inTransaction(store.pool, async (transaction) => {
    if (!(await lockSignals(transaction))) return null
    const context = { transaction, rules: await readActiveRules(transaction), now }
    for (const { key, kind, subject } of await readDueConditions(transaction, now, BATCH)) {
      const seen = await look(context, kind as ConditionKind, subject)
      // What it is about is gone.
      if (!seen.includes(key)) await deleteCondition(transaction, key)
    }
    await look(context, "queue_backlog", {})
    return nextConditionAt(transaction)
  })
}

async function readNow(transaction: Transaction): Promise<Date> {
  const { rows } = await transaction.query<{ now: Date }>("select now()")
  return rows[0]!.now
}
