/** What is known of a run when it is compared with another of its pipeline. */
export interface RunFacts {
  id: string
  kind: string
  version: number
  partitionKey: string | null
  durationMs: number | null
  params: Readonly<Record<string, unknown>>
  tasks: readonly TaskFacts[]
  inputs: readonly InputFacts[]
}

export interface TaskFacts {
  taskId: string
  state: string
  durationMs: number | null
  /** Host of the worker of its last attempt. */
  host: string | null
  /** Version of Headrace on that worker. */
  workerVersion: string | null
  attempts: number
}

/** A dataset that tasks of the run read, as its newest load before or in the run left it. */
export interface InputFacts {
  dataset: string
  /** Tasks of the run that read it. */
  readers: readonly string[]
  /** What the load brought, and what the table then held; null where that is not known. */
  rowsLoaded: number | null
  rowsTotal: number | null
  schemaHash: string | null
  /** The run that loaded it, and how long before this run's end in milliseconds. */
  loadedBy: { runId: string; pipelineId: string; state: string } | null
  ageMs: number | null
}

/** What changed in the definition: words for one task, or for the pipeline where `taskId` is null. */
export interface CodeFacts {
  taskId: string | null
  before: string
  after: string
  text: string
}

export const RUN_CHANGE_KINDS = [
  "code",
  "params",
  "input_schema",
  "input_rows",
  "upstream",
  "age",
  "duration",
  "retries",
  "worker",
  "kind",
] as const
export type RunChangeKind = (typeof RUN_CHANGE_KINDS)[number]

/** One thing that differs. `suspicion`, 0 to 100, orders them: how often such a change is the cause, not how large it is. */
export interface RunChange {
  kind: RunChangeKind
  /** The task, dataset or parameter. */
  subject: string
  before: string | null
  after: string | null
  text: string
  suspicion: number
  /** It lies at or upstream of a task that failed. */
  isNear: boolean
}

/** Less is how loads vary from day to day. */
const ROWS_RATIO = 2
const DURATION_RATIO = 2
/** Shorter tasks double by chance. */
const MIN_DURATION_MS = 1_000
/** An input this many times older than last time was not loaded when it should have been. */
const AGE_RATIO = 3
const MIN_AGE_MS = 3_600_000

/**
 * What differs between the last run that went well and one that did not, the most suspicious first. `near` are the tasks
 * that failed and those upstream of them: what changed there counts for more.
 */
export function compareRuns(
  before: RunFacts,
  after: RunFacts,
  context: { code: readonly CodeFacts[]; near: ReadonlySet<string> },
): RunChange[] {
  const changes = [
    ...codeChanges(context.code, context.near),
    ...paramChanges(before.params, after.params),
    ...inputChanges(before.inputs, after.inputs, context.near),
    ...taskChanges(before.tasks, after.tasks, context.near),
    ...runChanges(before, after),
  ]
  return changes.toSorted(
    (one, other) =>
      other.suspicion - one.suspicion || (one.subject < other.subject ? -1 : Number(one.subject > other.subject)),
  )
}

/** A change away from what failed is half as suspicious. */
function weighed(change: Omit<RunChange, "isNear">, isNear: boolean): RunChange {
  return { ...change, isNear, suspicion: isNear ? change.suspicion : Math.round(change.suspicion / 2) }
}

function codeChanges(code: readonly CodeFacts[], near: ReadonlySet<string>): RunChange[] {
  return code.map(({ taskId, before, after, text }) =>
    weighed(
      { kind: "code", subject: taskId ?? "pipeline", before, after, text, suspicion: 90 },
      taskId === null || near.has(taskId),
    ),
  )
}

function paramChanges(before: RunFacts["params"], after: RunFacts["params"]): RunChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name) => {
    const [was, is] = [textOf(before[name]), textOf(after[name])]
    if (was === is) return []
    const text = `Parameter ${name} is ${is ?? "not set"} instead of ${was ?? "not set"}.`
    return [{ kind: "params", subject: name, before: was, after: is, text, suspicion: 80, isNear: true }]
  })
}

function textOf(value: unknown): string | null {
  return value === undefined ? null : typeof value === "string" ? value : JSON.stringify(value)
}

function inputChanges(
  before: readonly InputFacts[],
  after: readonly InputFacts[],
  near: ReadonlySet<string>,
): RunChange[] {
  const known = new Map(before.map((input) => [input.dataset, input]))
  return after.flatMap((input) => {
    const was = known.get(input.dataset)
    const isNear = input.readers.some((reader) => near.has(reader))
    const found = [
      ...(was ? [schemaChange(was, input), rowsChange(was, input), ageChange(was, input)] : []),
      upstreamTrouble(input),
    ]
    return found.flatMap((change) => (change ? [weighed(change, isNear)] : []))
  })
}

type Found = Omit<RunChange, "isNear"> | null

function schemaChange(was: InputFacts, is: InputFacts): Found {
  if (was.schemaHash === null || is.schemaHash === null || was.schemaHash === is.schemaHash) return null
  return {
    kind: "input_schema",
    subject: is.dataset,
    before: null,
    after: null,
    text: `The columns of ${is.dataset} changed.`,
    suspicion: 95,
  }
}

function rowsChange(was: InputFacts, is: InputFacts): Found {
  const [old, now] =
    was.rowsTotal !== null && is.rowsTotal !== null ? [was.rowsTotal, is.rowsTotal] : [was.rowsLoaded, is.rowsLoaded]
  if (old === null || now === null || !differsBy(old, now, ROWS_RATIO)) return null
  const text =
    now === 0
      ? `${is.dataset} brought no rows; it had ${count(old)}.`
      : `${is.dataset} has ${count(now)} rows instead of ${count(old)}.`
  return {
    kind: "input_rows",
    subject: is.dataset,
    before: String(old),
    after: String(now),
    text,
    suspicion: now === 0 ? 88 : 60,
  }
}

function ageChange(was: InputFacts, is: InputFacts): Found {
  if (was.ageMs === null || is.ageMs === null) return null
  if (is.ageMs < MIN_AGE_MS || is.ageMs < AGE_RATIO * was.ageMs) return null
  return {
    kind: "age",
    subject: is.dataset,
    before: String(was.ageMs),
    after: String(is.ageMs),
    text: `${is.dataset} was loaded much longer ago than last time.`,
    suspicion: 70,
  }
}

function upstreamTrouble({ dataset, loadedBy }: InputFacts): Found {
  if (loadedBy === null || loadedBy.state !== "failed") return null
  return {
    kind: "upstream",
    subject: dataset,
    before: null,
    after: `run ${loadedBy.runId}`,
    text: `${dataset} was loaded by run ${loadedBy.runId} of ${loadedBy.pipelineId}, which failed.`,
    suspicion: 85,
  }
}

function taskChanges(
  before: readonly TaskFacts[],
  after: readonly TaskFacts[],
  near: ReadonlySet<string>,
): RunChange[] {
  const known = new Map(before.map((task) => [task.taskId, task]))
  return after.flatMap((task) => {
    const was = known.get(task.taskId)
    const found = was ? [durationChange(was, task), retriesChange(was, task), workerChange(was, task)] : []
    return found.flatMap((change) => (change ? [weighed(change, near.has(task.taskId))] : []))
  })
}

function durationChange(was: TaskFacts, is: TaskFacts): Found {
  if (was.durationMs === null || is.durationMs === null) return null
  if (Math.max(was.durationMs, is.durationMs) < MIN_DURATION_MS) return null
  if (!differsBy(was.durationMs, is.durationMs, DURATION_RATIO)) return null
  const words = is.durationMs > was.durationMs ? "longer" : "shorter"
  return {
    kind: "duration",
    subject: is.taskId,
    before: String(was.durationMs),
    after: String(is.durationMs),
    text: `${is.taskId} took much ${words} than last time.`,
    suspicion: is.durationMs > was.durationMs ? 40 : 15,
  }
}

function retriesChange(was: TaskFacts, is: TaskFacts): Found {
  if (is.attempts <= Math.max(1, was.attempts)) return null
  return {
    kind: "retries",
    subject: is.taskId,
    before: String(was.attempts),
    after: String(is.attempts),
    text: `${is.taskId} was tried ${is.attempts} times; last time ${was.attempts}.`,
    suspicion: 35,
  }
}

function workerChange(was: TaskFacts, is: TaskFacts): Found {
  if (was.host === null || is.host === null) return null
  const [old, now] = [`${was.host} (${was.workerVersion})`, `${is.host} (${is.workerVersion})`]
  if (old === now) return null
  const isUpdate = was.workerVersion !== is.workerVersion
  return {
    kind: "worker",
    subject: is.taskId,
    before: old,
    after: now,
    text: isUpdate ? `${is.taskId} ran on another version of Headrace.` : `${is.taskId} ran on another machine.`,
    suspicion: isUpdate ? 45 : 20,
  }
}

function runChanges(before: RunFacts, after: RunFacts): RunChange[] {
  if (before.kind === after.kind) return []
  const text = `This is a ${after.kind} run; the last that went well was a ${before.kind} run.`
  return [{ kind: "kind", subject: "run", before: before.kind, after: after.kind, text, suspicion: 25, isNear: true }]
}

/** True where one is more than `ratio` times the other; from or to nothing always differs. */
function differsBy(one: number, other: number, ratio: number): boolean {
  const [low, high] = one < other ? [one, other] : [other, one]
  return high > low * ratio
}

function count(rows: number): string {
  return rows.toLocaleString("en-US")
}
