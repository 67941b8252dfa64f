import type { JsonObject } from "../contracts/json.ts"
import type { ConditionLook } from "../domain/alert-condition.ts"
import type { AlertSubject } from "../domain/alert-match.ts"
import {
  type AlertConditionOf,
  type AlertKind,
  type AlertRule,
  combineRules,
  compareMetric,
  judgeDuration,
  type RuleVerdict,
  reachesLevel,
  rulesFor,
} from "../domain/alert-rule.ts"
import type { ConditionSubject } from "../store/alert-conditions.ts"
import {
  type DatasetFacts,
  readBacklog,
  readDatasetFacts,
  readEarlierDurations,
  readFailingChecks,
  readFreshness,
  readMeasurements,
  readNewestDeadline,
  readOpenAnomalies,
  readPipelineFacts,
  readScores,
  readWorker,
} from "../store/alert-looks.ts"
import { readEndedRuns } from "../store/run-troubles.ts"
import type { Transaction } from "../store/transaction.ts"

/** Everything but failures: what holds or does not hold of a subject now, whatever told us to look. */
export type ConditionKind = Exclude<AlertKind, "pipeline_failure">

/** What a look at a subject found, with what an incident would say of it. */
export interface Look extends ConditionLook {
  key: string
  kind: ConditionKind
  subject: ConditionSubject
  /** Null exactly where it does not hold. */
  verdict: RuleVerdict | null
  /** How long it must be over. */
  clearSeconds: number
  title: string
  message: string
  pipelineId: string | null
  taskId: string | null
  datasetId: string | null
  runId: string | null
  owner: string | null
  details: JsonObject
}

interface Context {
  transaction: Transaction
  rules: readonly AlertRule[]
  now: Date
}
type Looker = (context: Context, subject: ConditionSubject) => Promise<Look[]>

/**
 * Reads how things stand with a subject and judges it by all rules of a kind that concern it. Nothing where the subject is
 * gone or no rule looks at it and it never did hold.
 */
export function lookAtSubject(context: Context, kind: ConditionKind, subject: ConditionSubject): Promise<Look[]> {
  return LOOKERS[kind](context, subject)
}

const LOOKERS: Record<ConditionKind, Looker> = {
  freshness_breach: lookAtFreshness,
  quality_below: lookAtQuality,
  check_failure: lookAtChecks,
  anomaly: lookAtAnomalies,
  duration_anomaly: lookAtDuration,
  deadline_missed: lookAtDeadline,
  queue_backlog: lookAtQueue,
  worker_lost: lookAtWorker,
  metric: lookAtMetric,
}

const NOTHING = {
  since: null,
  evidence: "",
  title: "",
  message: "",
  pipelineId: null,
  taskId: null,
  datasetId: null,
  runId: null,
  owner: null,
  details: {},
}

/** The look that `holding` rules of `asked` make. */
function toLook(
  values: Pick<Look, "key" | "kind" | "subject"> & Partial<Look>,
  asked: readonly AlertRule[],
  holding: readonly AlertRule[],
): Look {
  const verdict = combineRules(holding)
  const clearSeconds = Math.max(0, ...asked.map((rule) => rule.clearSeconds))
  return { ...NOTHING, ...values, verdict, holds: verdict !== null, clearSeconds }
}

async function ofDataset<Kind extends AlertKind>(
  { transaction, rules }: Context,
  kind: Kind,
  datasetId: string,
): Promise<{ facts: DatasetFacts; asked: AlertRule<AlertConditionOf<Kind>>[] }> {
  const facts = (await readDatasetFacts(transaction, datasetId)) ?? { owner: null, tags: [], runbook: null }
  const subject: AlertSubject = { pipelineId: null, datasetId, owner: facts.owner, tags: facts.tags }
  return { facts, asked: rulesFor(rules, kind, subject) }
}

function aboutDataset(datasetId: string, facts: DatasetFacts): Pick<Look, "datasetId" | "owner" | "details"> {
  return { datasetId, owner: facts.owner, details: facts.runbook ? { runbook: facts.runbook } : {} }
}

async function lookAtFreshness(context: Context, { datasetId }: ConditionSubject): Promise<Look[]> {
  const id = datasetId!
  const status = await readFreshness(context.transaction, id)
  const { facts, asked } = await ofDataset(context, "freshness_breach", id)
  const holding = asked.filter(({ condition }) => status !== null && reachesLevel(status.state, condition.level))
  const values = {
    ...aboutDataset(id, facts),
    key: `freshness:${id}`,
    kind: "freshness_breach" as const,
    subject: { datasetId: id },
    since: status?.since ?? null,
    evidence: status ? status.since.toISOString() : "",
    title: `${shortName(id)} is late`,
    message: status?.message ?? "",
  }
  return [toLook(values, asked, holding)]
}

async function lookAtQuality(context: Context, { datasetId }: ConditionSubject): Promise<Look[]> {
  const id = datasetId!
  const scores = new Map((await readScores(context.transaction, id)).map((score) => [score.dimension, score]))
  const { facts, asked } = await ofDataset(context, "quality_below", id)
  const holding = asked.filter(({ condition }) => (scores.get(condition.dimension)?.score ?? 100) < condition.below)
  const worst = holding.map(({ condition }) => ({ ...scores.get(condition.dimension)!, below: condition.below }))[0]
  const what = worst && worst.dimension !== "overall" ? `${worst.dimension} ` : ""
  const values = {
    ...aboutDataset(id, facts),
    key: `quality:${id}`,
    kind: "quality_below" as const,
    subject: { datasetId: id },
    evidence: worst?.id ?? "",
    runId: worst?.runId ?? null,
    title: worst ? `Quality ${what}of ${shortName(id)} is ${rounded(worst.score)}` : "",
    message: worst ? `The ${what}score is ${rounded(worst.score)} of 100, below ${worst.below}.` : "",
  }
  return [toLook(values, asked, holding)]
}

async function lookAtChecks(context: Context, { datasetId }: ConditionSubject): Promise<Look[]> {
  const id = datasetId!
  const failing = await readFailingChecks(context.transaction, id)
  const { facts, asked } = await ofDataset(context, "check_failure", id)
  const counting = (rule: AlertRule<AlertConditionOf<"check_failure">>) =>
    failing.filter(({ severity }) => reachesLevel(severity, rule.condition.level))
  const holding = asked.filter((rule) => counting(rule).length > 0)
  const shown = holding.map(counting).reduce((most, other) => (other.length > most.length ? other : most), [])
  const first = shown[0]
  const values = {
    ...aboutDataset(id, facts),
    key: `checks:${id}`,
    kind: "check_failure" as const,
    subject: { datasetId: id },
    evidence: shown.map((check) => check.id).join(","),
    runId: first?.runId ?? null,
    title:
      shown.length > 1
        ? `${shown.length} checks of ${shortName(id)} fail`
        : `${shortName(id)}: ${first?.name ?? ""} fails`,
    message: shown
      .slice(0, 20)
      .map((check) => `${check.name}: ${check.message}`)
      .join("\n"),
  }
  return [toLook(values, asked, holding)]
}

async function lookAtAnomalies(context: Context, { datasetId }: ConditionSubject): Promise<Look[]> {
  const id = datasetId!
  const open = await readOpenAnomalies(context.transaction, id)
  const { facts, asked } = await ofDataset(context, "anomaly", id)
  const counting = ({ condition }: AlertRule<AlertConditionOf<"anomaly">>) =>
    open.filter(
      ({ metric, severity }) =>
        (condition.metrics.length === 0 || condition.metrics.includes(metric)) &&
        reachesLevel(severity, condition.level),
    )
  const holding = asked.filter((rule) => counting(rule).length > 0)
  const first = holding.flatMap(counting).sort((a, b) => Number(b.id) - Number(a.id))[0]
  const what =
    first && (first.columnName ? `${first.metric} of ${first.columnName}` : first.metric).replaceAll("_", " ")
  const values = {
    ...aboutDataset(id, facts),
    key: `anomaly:${id}`,
    kind: "anomaly" as const,
    subject: { datasetId: id },
    since: first?.at ?? null,
    evidence: first?.id ?? "",
    runId: first?.runId ?? null,
    title: first ? `${shortName(id)}: ${what} is unusual` : "",
    message: first
      ? `The ${what} is ${rounded(first.value)}; ${rounded(first.lower)} to ${rounded(first.upper)} was expected.`
      : "",
  }
  return [toLook(values, asked, holding)]
}

async function ofPipeline<Kind extends AlertKind>({ transaction, rules }: Context, kind: Kind, pipelineId: string) {
  const facts = (await readPipelineFacts(transaction, pipelineId)) ?? { owner: null, tags: [] }
  return { facts, asked: rulesFor(rules, kind, { pipelineId, datasetId: null, ...facts }) }
}

async function lookAtDuration(context: Context, { pipelineId, runId }: ConditionSubject): Promise<Look[]> {
  const run = runId ? (await readEndedRuns(context.transaction, [runId])).get(runId) : undefined
  if (!pipelineId || !run || run.state !== "success" || !run.startedAt || !run.finishedAt) return []
  const { facts, asked } = await ofPipeline(context, "duration_anomaly", pipelineId)
  const seconds = (run.finishedAt.getTime() - run.startedAt.getTime()) / 1_000
  const holding: AlertRule[] = []
  let usual: number | null = null
  for (const rule of asked) {
    const earlier = await readEarlierDurations(context.transaction, run, rule.condition.days)
    const judged = judgeDuration(seconds, earlier, rule.condition)
    if (!judged?.isUnusual) continue
    holding.push(rule)
    usual ??= judged.usual
  }
  const values = {
    key: `duration:${pipelineId}`,
    kind: "duration_anomaly" as const,
    subject: { pipelineId, runId: run.id },
    evidence: run.id,
    pipelineId,
    runId: run.id,
    owner: facts.owner,
    title: `${pipelineId} took unusually long`,
    message: `Run ${run.id} took ${inWords(seconds)}; ${inWords(usual ?? 0)} is usual.`,
  }
  return [toLook(values, asked, holding)]
}

async function lookAtDeadline(context: Context, { pipelineId, name }: ConditionSubject): Promise<Look[]> {
  const id = pipelineId!
  const newest = await readNewestDeadline(context.transaction, id, name ?? "")
  if (!newest) return []
  const { facts, asked } = await ofPipeline(context, "deadline_missed", id)
  const holding = newest.state === "missed" ? asked : []
  const values = {
    key: `deadline:${id}/${name}`,
    kind: "deadline_missed" as const,
    subject: { pipelineId: id, name: name ?? "" },
    evidence: newest.id,
    since: newest.missedAt,
    pipelineId: id,
    taskId: newest.taskId,
    runId: newest.runId,
    owner: facts.owner,
    title: newest.runId === null ? `${id}: a run is late` : `${id}: run ${newest.runId} is late`,
    message: newest.message ?? "",
    details: (newest.channel === null ? {} : { channels: [newest.channel], deadlineId: newest.id }) as JsonObject,
  }
  return [toLook(values, asked, holding)]
}

async function lookAtQueue(context: Context): Promise<Look[]> {
  const asked = rulesFor(context.rules, "queue_backlog", { pipelineId: null, datasetId: null, owner: null, tags: [] })
  const about = { key: "queue_backlog", kind: "queue_backlog" as const, subject: {}, evidence: "held" }
  if (asked.length === 0) return [toLook(about, [], [])]
  const { tasks, oldest } = await readBacklog(context.transaction)
  const waited = oldest === null ? 0 : (context.now.getTime() - oldest.getTime()) / 1_000
  const holding = asked.filter(({ condition }) => tasks > condition.tasks || waited > condition.waitSeconds)
  const values = {
    ...about,
    title: `${tasks} ${tasks === 1 ? "task waits" : "tasks wait"} for a worker`,
    message: `The first has waited for ${inWords(waited)}. Add workers, or look whether they are stuck.`,
  }
  return [toLook(values, asked, holding)]
}

async function lookAtWorker(context: Context, { name }: ConditionSubject): Promise<Look[]> {
  const worker = await readWorker(context.transaction, name ?? "")
  const asked = rulesFor(context.rules, "worker_lost", { pipelineId: null, datasetId: null, owner: null, tags: [] })
  const isLost = worker !== null && worker.state === "gone" && worker.replacement === null
  const values = {
    key: `worker:${name}`,
    kind: "worker_lost" as const,
    subject: { name: name ?? "" },
    evidence: worker?.heartbeatAt.toISOString() ?? "",
    since: worker?.heartbeatAt ?? null,
    title: `A worker on ${worker?.host ?? "a host"} was lost`,
    message: `Worker ${name} was last heard of ${worker?.heartbeatAt.toISOString() ?? "never"}: it was killed or cut off. Its tasks are repeated by others.`,
  }
  return [toLook(values, asked, isLost ? asked : [])]
}

async function lookAtMetric(context: Context, { datasetId, name }: ConditionSubject): Promise<Look[]> {
  const id = datasetId!
  const { facts, asked } = await ofDataset(context, "metric", id)
  const looks: Look[] = []
  for (const rule of asked) {
    const { metric, column, operator, value } = rule.condition
    if (metric !== name) continue
    const point = await readMeasurements(context.transaction, id, metric, column)
    const holds = point !== null && compareMetric(point.value, operator, value)
    const what = column ? `${metric} of ${column}` : metric
    const values = {
      ...aboutDataset(id, facts),
      key: `metric:${rule.id}:${id}`,
      kind: "metric" as const,
      subject: { datasetId: id, name: metric },
      evidence: point?.id ?? "",
      runId: point?.runId ?? null,
      title: `${rule.name}: ${shortName(id)}`,
      message: point ? `${what} is ${rounded(point.value)}, ${operator} ${value}.` : "",
    }
    looks.push(toLook(values, [rule], holds ? [rule] : []))
  }
  return looks
}

/** `schema.table` of `warehouse.schema.table`. */
function shortName(datasetId: string): string {
  return datasetId.split(".").slice(-2).join(".")
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100)
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 6) / 10} h`
}
