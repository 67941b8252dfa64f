import { z } from "zod"
import type { Json, JsonObject } from "../contracts/json.ts"
import type { Manifest, ManifestTask } from "../contracts/manifest.ts"
import { zoneOf } from "../contracts/manifest-schedule.ts"
import { optionProblems } from "../contracts/operators/option-problems.ts"
import { asReference } from "../contracts/references.ts"
import { didYouMean } from "../domain/closest.ts"
import { findCycle } from "../domain/dag.ts"
import { parseDuration } from "../domain/duration.ts"
import { DEFAULT_MAP_LIMIT } from "../domain/mapping.ts"
import { partitionScheme } from "../domain/partition-scheme.ts"
import { TEARDOWN_RULE } from "../domain/trigger-rule.ts"
import type { CallSite } from "./call-site.ts"
import { checkInstant, checkSchedules, firstCron } from "./check-schedules.ts"
import { checkTriggers } from "./check-triggers.ts"
import { datasetId } from "./dataset-id.ts"
import { readDeadlines } from "./deadline-options.ts"
import type { Fault, MapDefinition, PipelineDefinition, TaskDefinition } from "./definition.ts"
import { nodeOf } from "./handles.ts"
import { OPERATOR_FACTS } from "./operator-facts.ts"
import { pushOptionFaults } from "./option-faults.ts"
import { optionJson } from "./option-json.ts"
import {
  idProblem,
  type MapOptions,
  mappedTaskOptionsSchema,
  pipelineOptionsSchema,
  type TaskDefaults,
  taskOptionsSchema,
} from "./pipeline-options.ts"
import { toRetryRules } from "./retry-options.ts"
import { resolveUpstream } from "./upstream.ts"

/** What the checks need to know of the world around the declaration. */
export interface ManifestSurroundings {
  /** File that declares the pipeline, relative to the workspace. */
  file: string
  connections: readonly string[]
  /** Whether the workspace has this file; paths that leave the workspace are not in it. */
  hasFile(path: string): boolean
  relative(file: string): string
}

/** Checks a declaration and turns it into a manifest, which is to be used only where `faults` is empty. */
export function toManifest(
  definition: PipelineDefinition,
  around: ManifestSurroundings,
): { manifest: Manifest; referencedFiles: string[]; dataFiles: string[]; folders: string[]; faults: Fault[] } {
  const { options, site } = definition
  const faults = [...definition.faults]
  const fault = (rule: Fault["rule"], message: string, at: CallSite | null = site) =>
    faults.push({ rule, message, site: at })

  const badId = idProblem("A pipeline", options.id)
  if (badId) fault("bad_id", badId)
  pushOptionFaults(faults, pipelineOptionsSchema, options, "", site)
  const schedules = checkSchedules(definition, faults)
  const timezone = options.timezone ?? null
  const startDate = checkInstant(definition, "startDate", zoneOf({ schedule: null, schedules, timezone }), faults)
  const params = checkParams(definition, faults)
  const { upstream, faults: graphFaults } = resolveUpstream(definition)
  faults.push(...graphFaults)
  const cycle = findCycle(upstream)
  if (cycle) {
    const at = definition.tasks.find((task) => task.id === cycle[0])?.site
    fault("cycle", `Tasks wait for each other in a circle: ${cycle.join(" → ")}. Remove one of these dependencies.`, at)
  }
  const setups = new Set(definition.tasks.flatMap((task) => setupIds(task)))
  const deadlineFacts = {
    hasSchedule: schedules.length > 0,
    timezone: zoneOf({ schedule: null, schedules, timezone }),
    notify: options.notify ?? null,
  }
  const { deadlines, problems } = readDeadlines(options.deadlines, { taskId: null, ...deadlineFacts })
  for (const problem of problems) fault(problem.rule, problem.message)
  const referencedFiles = new Set<string>()
  const dataFiles = new Set<string>()
  const folders = new Set<string>()
  const tasks = definition.tasks.map((task) => {
    const late = readDeadlines(task.options.deadlines, { taskId: task.id, ...deadlineFacts })
    for (const { rule, message } of late.problems) fault(rule, `Task "${task.id}": ${message}`, task.site)
    const found = { referencedFiles, dataFiles, folders, setups }
    const checked = checkTask(task, definition, [...(upstream.get(task.id) ?? [])], around, faults, found)
    return { ...checked, deadlines: late.deadlines }
  })
  const triggers = checkTriggers(definition, faults)
  const own = triggers.datasets?.names.find((name) => tasks.some((task) => task.writes.includes(name)))
  if (own) fault("bad_option", `option datasets: the pipeline writes ${own} itself, so it would start again and again.`)
  const manifest: Manifest = {
    id: definition.id,
    description: options.description ?? "",
    owner: options.owner ?? null,
    tags: options.tags ?? [],
    docs: options.docs ?? "",
    schedule: firstCron(schedules),
    schedules,
    triggers,
    timezone,
    startDate,
    catchup: options.catchup ?? "latest",
    maxActiveRuns: options.maxActiveRuns ?? 1,
    maxActiveTasks: options.maxActiveTasks ?? null,
    concurrency: options.concurrency ?? null,
    priority: options.priority ?? 0,
    params,
    partition: partitionOf(options.partition),
    timeoutMs: options.timeout == null ? null : parseDuration(options.timeout) || null,
    deadlines,
    groups: definition.groups.map(({ id, parent, description }) => ({ id, parent, description })),
    tasks,
    file: around.file,
  }
  return {
    manifest,
    referencedFiles: [...referencedFiles].sort(),
    dataFiles: [...dataFiles].sort(),
    folders: [...folders].sort(),
    faults,
  }
}

/** The column without which a load would replace more than its partition. */
function lackingColumn(operator: string, options: JsonObject, partition: Manifest["partition"]) {
  if (operator !== "partitionLoad" || (options.write ?? "replace") !== "replace" || !partition) return null
  const { unit, keys } = partitionScheme(partition)
  if (keys && options.staticKeyColumn === undefined) return { part: "key", option: "staticKeyColumn" }
  // Without keys, the option's own check says so.
  if (unit && keys && options.partitionColumn === undefined) return { part: "time", option: "partitionColumn" }
  return null
}

function partitionOf(partition: PipelineDefinition["options"]["partition"]): Manifest["partition"] {
  if (partition === undefined || typeof partition === "string") return partition ?? null
  return { by: partition.by ?? null, keys: partition.keys }
}

function checkTask(
  task: TaskDefinition,
  definition: PipelineDefinition,
  upstream: string[],
  around: ManifestSurroundings,
  faults: Fault[],
  found: {
    referencedFiles: Set<string>
    dataFiles: Set<string>
    folders: Set<string>
    setups: ReadonlySet<string>
  },
): Omit<ManifestTask, "deadlines"> {
  const { site, work } = task
  const prefix = `Task "${task.id}": `
  const fault = (rule: Fault["rule"], message: string) => faults.push({ rule, message: prefix + message, site })
  pushOptionFaults(faults, task.map ? mappedTaskOptionsSchema : taskOptionsSchema, task.options, prefix, site)

  const facts = OPERATOR_FACTS[work.operator]
  const options = optionJson(work.options, (path, message) =>
    fault("bad_option", `option ${path}: ${message}.`),
  ) as JsonObject
  if (!facts)
    fault(
      "bad_option",
      `there is no operator "${work.operator}"${didYouMean(work.operator, Object.keys(OPERATOR_FACTS))}`,
    )
  else
    for (const { path, message } of optionProblems(facts.options, options)) {
      fault("bad_option", `${path === "" ? "" : `option ${path}: `}${message}.`)
    }
  for (const name of strings(facts?.connections(options))) {
    if (name === "warehouse" || around.connections.includes(name)) continue
    const names = [...new Set(["warehouse", ...around.connections])].sort()
    const message = `connection "${name}" does not exist; there are ${names.join(", ")}. Set HEADRACE_CONNECTION_${name.toUpperCase()} or use one of these.`
    fault("unknown_connection", message)
  }
  const collect = (paths: unknown[] | undefined, into: Set<string>) => {
    for (const path of strings(paths)) {
      if (around.hasFile(path)) into.add(path)
      else fault("missing_file", `the file ${path} is not in the workspace; paths are relative to its root.`)
    }
  }
  collect(facts?.files(options), found.referencedFiles)
  collect(facts?.dataFiles?.(options), found.dataFiles)
  for (const folder of strings(facts?.folders?.(options))) found.folders.add(folder)
  const lacking = lackingColumn(work.operator, options, partitionOf(definition.options.partition))
  if (lacking) {
    const message = `it replaces partitions without saying which column holds their ${lacking.part}; set ${lacking.option}.`
    fault("bad_option", message)
  }
  const datasets = facts?.datasets(options) ?? { reads: [], writes: [] }
  const teardownOf = setupIds(task)
  if (task.teardownOf.some((written) => nodeOf(written)?.kind === "group")) {
    fault("bad_option", "it tears down a group; name the setup tasks in it.")
  }
  if (teardownOf.length > 0 && task.options.triggerRule !== undefined) {
    fault("bad_option", "a tear-down has a trigger rule of its own; leave out triggerRule.")
  }
  if (task.map && (work.operator === "branch" || work.operator === "shortCircuit")) {
    fault("bad_option", `a mapped task cannot be a ${work.operator}; decide in a task of its own, before or after.`)
  }
  const settings: TaskDefaults = { ...definition.options.defaults, ...withoutUndefined(task.options) }
  return {
    id: task.id,
    group: task.group,
    operator: work.operator,
    options: facts?.stored?.(options) ?? options,
    description: task.options.description ?? "",
    upstream,
    triggerRule: teardownOf.length > 0 ? TEARDOWN_RULE : (task.options.triggerRule ?? "all_success"),
    retry: retryOf(settings),
    retryRules: toRetryRules(settings.retry, retryOf(settings)),
    dependsOnPast: settings.dependsOnPast === true || settings.waitForDownstream === true,
    waitForDownstream: settings.waitForDownstream === true,
    timeoutMs: settings.timeout == null ? null : parseDuration(settings.timeout) || null,
    memoryMb: settings.memoryMb ?? 512,
    pool: settings.pool ?? null,
    poolSlots: settings.poolSlots ?? 1,
    concurrency: settings.concurrency ?? null,
    priority: settings.priority ?? 1,
    hooks: { before: settings.before !== undefined, after: settings.after !== undefined },
    reads: datasetIds(datasets.reads, task.options.reads),
    writes: datasetIds(datasets.writes, task.options.writes),
    source: site && { file: around.relative(site.file), line: site.line },
    map: task.map && mapOf(task.map, task.options as MapOptions, fault),
    setup: task.options.setup === true || found.setups.has(task.id),
    teardownOf,
    failsRun: teardownOf.length === 0 || task.options.teardown?.failsRun === true,
  }
}

/** Ids of the setups that a task tears down; what is no task is reported as an unknown dependency. */
function setupIds(task: TaskDefinition): string[] {
  return [...new Set(strings(task.teardownOf.map((written) => nodeOf(written)?.id ?? written)))]
}

function mapOf(
  map: MapDefinition,
  options: MapOptions,
  fault: (rule: Fault["rule"], message: string) => void,
): ManifestTask["map"] {
  const json = (name: string, value: unknown) =>
    optionJson(value, (path, message) => fault("bad_option", `${[name, path].filter(Boolean).join(".")}: ${message}.`))
  const over = json("the list", map.over)
  if (!isMappable(over)) {
    fault("bad_option", "it maps over something that is no list; pass a list, a task's output, a param or cross(…).")
  }
  return {
    over,
    label: map.label === undefined ? null : json("label", map.label),
    limit: options.limit ?? DEFAULT_MAP_LIMIT,
    maxActive: options.maxActive ?? null,
    tolerance:
      typeof options.maxFailed === "string"
        ? { percent: Number.parseFloat(options.maxFailed) }
        : { count: options.maxFailed ?? 0 },
  }
}

/** A list, what may turn out to be one, or a pair of these. */
function isMappable(over: Json): boolean {
  if (Array.isArray(over) || asReference(over) !== null) return true
  if (typeof over !== "object" || over === null || !Array.isArray(over.cross)) return false
  return over.cross.length === 2 && over.cross.every((list) => Array.isArray(list) || asReference(list) !== null)
}

/** Constant delay of 10 s unless the author asks for backoff, which doubles up to an hour. */
function retryOf(settings: TaskDefaults): ManifestTask["retry"] {
  const delayMs = parseDuration(settings.retryDelay ?? "10s") ?? 0
  const maxDelayMs = parseDuration(settings.backoff?.maxDelay ?? "1h") ?? 0
  return {
    retries: settings.retries ?? 0,
    delayMs,
    backoffFactor: settings.backoff ? (settings.backoff.factor ?? 2) : 1,
    maxDelayMs: Math.max(delayMs, maxDelayMs),
  }
}

function checkParams(definition: PipelineDefinition, faults: Fault[]): JsonObject | null {
  const schema: unknown = definition.options.params
  if (schema === undefined) return null
  const fault = (message: string) => faults.push({ rule: "bad_param", message, site: definition.site })
  if (!isZodObject(schema)) {
    fault('params is no z.object({…}); import z from "headrace" and declare each param in one.')
    return null
  }
  try {
    const json = z.toJSONSchema(schema, { io: "input" }) as JsonObject
    const { schedule, schedules, datasets, after } = definition.options
    if ([schedule, schedules, datasets, after].some((each) => each !== undefined)) {
      const missing = schema.safeParse({}).error?.issues.map((issue) => String(issue.path[0])) ?? []
      for (const name of new Set(missing)) {
        fault(`Param "${name}" has no default, but scheduled runs give no params; add .default(…) or .optional().`)
      }
    }
    return JSON.parse(JSON.stringify(json)) as JsonObject
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    fault(`params cannot be written as JSON Schema (${reason}); use types that JSON has, such as z.iso.date().`)
    return null
  }
}

function isZodObject(value: unknown): value is z.ZodObject {
  const definition = (value as { _zod?: { def?: { type?: string } } } | null)?._zod?.def
  return definition?.type === "object"
}

/** `schema.name` means the warehouse's table. */
function datasetIds(fromOptions: string[], written: unknown): string[] {
  const more = strings(Array.isArray(written) ? written : []).map(datasetId)
  return [...new Set([...fromOptions, ...more])]
}

function strings(values: unknown[] | undefined): string[] {
  return (values ?? []).filter((value) => typeof value === "string")
}

function withoutUndefined<Value extends object>(value: Value): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as Partial<Value>
}
