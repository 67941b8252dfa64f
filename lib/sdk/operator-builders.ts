import type { z } from "zod"
import type { approvalOptionsSchema } from "../contracts/operators/approval.ts"
import type { checksOptionsSchema } from "../contracts/operators/checks.ts"
import type { branchOptionsSchema, shortCircuitOptionsSchema } from "../contracts/operators/choice.ts"
import type { extractOptionsSchema } from "../contracts/operators/extract.ts"
import type { fnOptionsSchema } from "../contracts/operators/fn.ts"
import type { fnSensorOptionsSchema } from "../contracts/operators/fn-sensor.ts"
import type { httpOptionsSchema } from "../contracts/operators/http.ts"
import type { httpSensorOptionsSchema } from "../contracts/operators/http-sensor.ts"
import type { loadCsvOptionsSchema } from "../contracts/operators/load-csv.ts"
import type { notifyOptionsSchema } from "../contracts/operators/notify.ts"
import type { partitionLoadOptionsSchema } from "../contracts/operators/partition-load.ts"
import type { runPipelineOptionsSchema } from "../contracts/operators/run-pipeline.ts"
import type { shellOptionsSchema } from "../contracts/operators/shell.ts"
import type { sqlOptionsSchema } from "../contracts/operators/sql.ts"
import type { sqlSensorOptionsSchema } from "../contracts/operators/sql-sensor.ts"
import type { waitForCallbackOptionsSchema } from "../contracts/operators/wait-for-callback.ts"
import type { waitForDatasetOptionsSchema } from "../contracts/operators/wait-for-dataset.ts"
import type { waitUntilOptionsSchema } from "../contracts/operators/wait-until.ts"
import type { TaskContext } from "./context.ts"
import type { AnyTask, GroupHandle } from "./handles.ts"
import type { Resolved, WithRefs } from "./ref.ts"
import type { AuthorFunctions, Row, Work } from "./work.ts"

/** Options as authors write them: the schema's input, in which any value may be a reference. */
type OptionsOf<Schema extends z.ZodType> =
  z.input<Schema> extends infer Input ? { [Key in keyof Input]: WithRefs<Input[Key]> } : never

/** The statements of one file or text, in one transaction, with named binds (`:day`). */
export function sql(options: OptionsOf<typeof sqlOptionsSchema>): Work {
  return work("sql", options)
}

/** Rows of a Postgres table into a raw table of the warehouse: in full, or those changed since the watermark. */
export function extract(options: OptionsOf<typeof extractOptionsSchema>): Work {
  return work("extract", options)
}

/** A CSV file of the workspace into a table of the warehouse, whole or not at all. */
export function loadCsv(options: OptionsOf<typeof loadCsvOptionsSchema>): Work {
  return work("loadCsv", options)
}

/** Expectations about one table; with `gate` (the default) a failed one fails the task. */
export function checks(options: OptionsOf<typeof checksOptionsSchema>): Work {
  return work("checks", options)
}

/** One HTTP request; its status and answer are outputs. */
export function http(options: OptionsOf<typeof httpOptionsSchema>): Work {
  return work("http", options)
}

/** A message to the channel that `HEADRACE_NOTIFY_<NAME>` declares. */
export function notify(options: OptionsOf<typeof notifyOptionsSchema>): Work {
  return work("notify", options)
}

/** A command for `bash -c`, with the variables in `env`. Its last line of output is the output `lastLine`. */
export function shell(options: OptionsOf<typeof shellOptionsSchema>): Work<{ exitCode: number; lastLine: string }> {
  return work("shell", options)
}

/** Does nothing: a place where branches meet. */
export function noop(): Work {
  return work("noop", {})
}

/** Waits for an instant, a time after the data interval's end, or a time of day; holds no worker meanwhile. */
export function waitUntil(options: OptionsOf<typeof waitUntilOptionsSchema>): Work<{ until: string }> {
  return work("waitUntil", options)
}

/** Waits until the first value that a query gives is true. */
export function sqlSensor(options: OptionsOf<typeof sqlSensorOptionsSchema>): Work<{ polls: number }> {
  return work("sqlSensor", options)
}

/** Waits until a request is answered as wished. */
export function httpSensor(
  options: OptionsOf<typeof httpSensorOptionsSchema>,
): Work<{ polls: number; status: number }> {
  return work("httpSensor", options)
}

type FnSensorOptions<Inputs> = Omit<z.input<typeof fnSensorOptionsSchema>, "inputs"> & { inputs?: Inputs }

/**
 * Waits until a function of yours says so: false or nothing means not yet, true means yes, and an object means yes and
 * becomes the outputs. What it throws fails the attempt.
 */
export function fnSensor<Outputs extends object, Inputs extends object = Record<never, never>>(
  look: (
    ctx: TaskContext,
    inputs: Resolved<Inputs>,
  ) => Outputs | boolean | null | undefined | Promise<Outputs | boolean | null | undefined>,
  options: FnSensorOptions<Inputs> = {},
): Work<Outputs> {
  const main = async (ctx: TaskContext, inputs: Resolved<Inputs>) => {
    const seen = await look(ctx, inputs)
    if (typeof seen === "object" && seen !== null) return { done: true, outputs: seen }
    return { done: seen === true }
  }
  return work("fnSensor", options, { main: main as AuthorFunctions["main"] })
}

/** Waits until a table, or a partition of it, was loaded. */
export function waitForDataset(
  options: OptionsOf<typeof waitForDatasetOptionsSchema>,
): Work<{ at: string; runId: string; rows: number | null }> {
  return work("waitForDataset", options)
}

/** Waits until another system posts to an address made for this task; what it posts is the output `payload`. */
export function waitForCallback(
  options: OptionsOf<typeof waitForCallbackOptionsSchema> = {},
): Work<{ url: string | null; payload: unknown }> {
  return work("waitForCallback", options)
}

/** Waits until a person approves or rejects. */
export function approval(
  options: OptionsOf<typeof approvalOptionsSchema>,
): Work<{ decision: "approved" | "rejected"; by: string; comment: string; at: string }> {
  return work("approval", options)
}

/** Starts a run of another pipeline and, unless `wait` is false, goes on when it has succeeded. */
export function runPipeline(
  options: OptionsOf<typeof runPipelineOptionsSchema>,
): Work<{ runId: string; state: string }> {
  return work("runPipeline", options)
}

type FnOptions<Inputs> = Omit<z.input<typeof fnOptionsSchema>, "inputs"> & { inputs?: Inputs }

/**
 * A function of yours, called in a child process. It gets a context and the values of `inputs`, where a reference to
 * another task's output also makes this task wait for that one. The object it returns becomes the task's outputs.
 */
export function fn<Outputs, Inputs extends object = Record<never, never>>(
  main: (ctx: TaskContext, inputs: Resolved<Inputs>) => Outputs | Promise<Outputs>,
  options: FnOptions<Inputs> = {},
): Work<Outputs> {
  return work("fn", options, { main: main as AuthorFunctions["main"] })
}

/** A task or group directly after the branch, by handle or id. */
type Way = AnyTask | GroupHandle | string
type Ways = Way | Way[] | null

/**
 * A function that chooses which of the tasks directly after this one to follow: it returns one, several, or null for
 * none. The others are skipped, and trigger rules carry on from there; where ways meet again, the meeting task wants
 * `triggerRule: "none_failed_min_one_success"`.
 */
export function branch<Inputs extends object = Record<never, never>>(
  main: (ctx: TaskContext, inputs: Resolved<Inputs>) => Ways | Promise<Ways>,
  options: Omit<z.input<typeof branchOptionsSchema>, "inputs"> & { inputs?: Inputs } = {},
): Work<{ follow: string[] }> {
  return work("branch", options, { main: main as AuthorFunctions["main"] })
}

/**
 * A function that says whether to go on: a falsy answer skips everything behind this task, or, with
 * `ignoreDownstreamTriggerRules: false`, only what is directly behind it, from where trigger rules carry on.
 */
export function shortCircuit<Inputs extends object = Record<never, never>>(
  main: (ctx: TaskContext, inputs: Resolved<Inputs>) => unknown,
  options: Omit<z.input<typeof shortCircuitOptionsSchema>, "inputs"> & { inputs?: Inputs } = {},
): Work<{ proceed: boolean }> {
  return work("shortCircuit", options, { main: main as AuthorFunctions["main"] })
}

/** `undefined` covers functions that return nothing. */
type Verdict = boolean | string | null | undefined

type PartitionLoadFlags = "transform" | "validate"
type PartitionLoadOptions<Source extends Row, Target extends Row> = Omit<
  OptionsOf<typeof partitionLoadOptionsSchema>,
  PartitionLoadFlags
> & {
  /** Turns a batch of extracted rows into rows of the target. */
  transform?: (rows: Source[], ctx: TaskContext) => Target[] | Promise<Target[]>
  /** True or nothing: the row is good. False or a text: it is rejected, for that reason. */
  validate?: (row: Target, ctx: TaskContext) => Verdict | Promise<Verdict>
}

/** Extract, transform, validate and publish one data interval as a partition; running it again gives the same table. */
export function partitionLoad<Source extends Row = Row, Target extends Row = Row>(
  options: PartitionLoadOptions<Source, Target>,
): Work {
  const { transform, validate, ...rest } = options
  return work(
    "partitionLoad",
    { ...rest, ...(transform && { transform: true }), ...(validate && { validate: true }) },
    {
      ...(transform && { transform: transform as AuthorFunctions["transform"] }),
      ...(validate && { validate: validate as AuthorFunctions["validate"] }),
    },
  )
}

function work<Outputs>(operator: string, options: object, functions: AuthorFunctions = {}): Work<Outputs> {
  return { operator, options: { ...options }, functions }
}
