import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import { pipelineDetailSchema } from "#lib/contracts/api/pipelines.ts"
import {
  bulkResultSchema,
  type RunDetail,
  type RunSummary,
  runDetailSchema,
  runEffectSchema,
  runSummarySchema,
} from "#lib/contracts/api/runs.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { instantOption } from "../instant-option.ts"
import { durationText, faint, instantText, plain, stateText, table } from "../output.ts"
import { parseParams } from "../params.ts"
import { reportEnd, waitForRun } from "../wait-for-run.ts"

interface RunOptions {
  param: string[]
  logicalAt?: string
  from?: string
  to?: string
  key?: string
  note?: string
  wait?: boolean
}

const collect = (value: string, before: string[]) => [...before, value]

/** run, runs, show, cancel, retry, mark, unmark, repin, clear. */
export function addRunCommands(program: Command, signal: AbortSignal): void {
  program
    .command("run <pipeline>")
    .description("start a run")
    .option("-p, --param <name=value>", "a param; may be repeated", collect, [])
    .option("--logical-at <instant>", "logical time (default: now)")
    .option("--from <instant>", "start of the data interval")
    .option("--to <instant>", "end of the data interval")
    .option("--key <key>", "which of the pipeline's partition keys it loads")
    .option("--note <text>", "kept with the run")
    .option("-w, --wait", "follow it; ends with 1 unless it succeeds")
    .action(async (pipeline: string, options: RunOptions, command: Command) => {
      const context = contextOf(command, signal)
      const { client, output } = context
      const definition =
        options.param.length > 0
          ? await client.get(`/pipelines/${encodeURIComponent(pipeline)}`, pipelineDetailSchema)
          : null
      const run = await client.post("/runs", runDetailSchema, {
        pipelineId: pipeline,
        params: parseParams(options.param, definition?.manifest?.params ?? null),
        logicalAt: instantOption("--logical-at", options.logicalAt),
        intervalStart: instantOption("--from", options.from),
        intervalEnd: instantOption("--to", options.to),
        staticKey: options.key,
        note: options.note,
      })
      const started = `Run ${run.id} of ${run.pipelineId} is ${run.state}: ${client.url}/runs/${run.id}`
      if (!options.wait) return output.result(run, () => started)
      output.note(started)
      reportEnd(context, await waitForRun(context, run.id))
    })

  program
    .command("runs")
    .description("list runs, newest first")
    .option("--pipeline <id>", "of one pipeline")
    .option("--state <states>", "comma-separated: queued, running, cancelling, success, failed, cancelled")
    .option("--kind <kinds>", "comma-separated: schedule, manual, backfill, dataset, event")
    .option("--search <text>", "in run id, pipeline or error")
    .option("--limit <number>", "at most so many", "20")
    .action(async (options: Record<string, string | undefined>, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/runs", pageOf(runSummarySchema), {
        pipelineId: options.pipeline,
        state: options.state,
        kind: options.kind,
        q: options.search,
        limit: options.limit,
      })
      output.result(page, () => runsTable(page.items))
    })

  program
    .command("show <run>")
    .description("show a run with its tasks")
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const run = await client.get(`/runs/${runId(id)}`, runDetailSchema)
      output.result(run, () => runText(run))
    })

  program
    .command("cancel <runs...>")
    .description("cancel runs")
    .option("--dry-run", "only say what would stop")
    .action(async (ids: string[], options: RunAgainOptions, command: Command) => {
      const [id] = ids
      if (id === undefined || ids.length > 1 || options.dryRun) return bulk(command, signal, "cancel", ids, options)
      const { client, output } = contextOf(command, signal)
      const run = await client.post(`/runs/${runId(id)}/cancel`, runDetailSchema)
      output.result(run, () => `Run ${run.id} is ${run.state}.`)
    })

  program
    .command("retry <runs...>")
    .description("run the failed tasks of runs again, and what they blocked")
    .option("--newest", "with the newest version of the code, not the one the run pinned")
    .option("--dry-run", "only say what would run")
    .option("-w, --wait", "follow it (one run); ends with 1 unless it succeeds")
    .action(async (ids: string[], options: RunAgainOptions, command: Command) => {
      if (ids.length > 1) return bulk(command, signal, "retry", ids, options)
      await runAgain(command, signal, ids[0] ?? "", "retry", {}, options)
    })

  program
    .command("mark <run> <state> [tasks...]")
    .description("set the outcome of tasks of a run, or of the whole run: success, failed or skipped")
    .option("--downstream", "of what follows the tasks too")
    .option("--dry-run", "only say what would change")
    .action(
      async (
        id: string,
        state: string,
        taskIds: string[],
        options: { downstream?: boolean; dryRun?: boolean },
        command: Command,
      ) => {
        const includeDownstream = options.downstream === true
        await change(command, signal, id, "mark", { state, taskIds, includeDownstream }, options)
      },
    )

  program
    .command("unmark <run> <mark>")
    .description("take a mark back, as long as nothing that it concerns has moved on")
    .action(async (id: string, mark: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const effect = await client.post(`/runs/${runId(id)}/mark/undo`, runEffectSchema, { undoId: mark })
      output.result(effect, () => effect.text)
    })

  program
    .command("repin <run>")
    .description("move an ended run to the newest version of the code, without running again what is done")
    .option("--dry-run", "only say what would change")
    .action(async (id: string, options: { dryRun?: boolean }, command: Command) => {
      await change(command, signal, id, "repin", {}, options)
    })

  program
    .command("clear <run> <tasks...>")
    .description("run tasks of a run again, with what follows them")
    .option("--no-downstream", "without what follows them")
    .option("--upstream", "with all that they are made from")
    .option("--only-failed", "of these tasks what failed; of mapped ones their failed instances")
    .option("--map-index <numbers>", "of one mapped task these instances, counted from 0: 3 or 3,7")
    .option("--newest", "with the newest version of the code, not the one the run pinned")
    .option("--dry-run", "only say what would run")
    .option("-w, --wait", "follow it; ends with 1 unless it succeeds")
    .action(async (id: string, taskIds: string[], options: ClearOptions, command: Command) => {
      const body = {
        taskIds,
        includeDownstream: options.downstream,
        includeUpstream: options.upstream === true,
        onlyFailed: options.onlyFailed === true,
        ...(options.mapIndex !== undefined && { mapIndexes: indexes(options.mapIndex) }),
      }
      await runAgain(command, signal, id, "clear", body, options)
    })
}

interface ClearOptions extends RunAgainOptions {
  downstream: boolean
  upstream?: boolean
  onlyFailed?: boolean
  mapIndex?: string
}

function indexes(text: string): number[] {
  if (/^\d{1,6}(,\d{1,6})*$/.test(text)) return text.split(",").map(Number)
  throw new CliError(`"${plain(text)}" names no instances; write --map-index 3 or 3,7.`, EXIT.usage)
}

/** Changes a run and says how, and how a mark is taken back. */
async function change(
  command: Command,
  signal: AbortSignal,
  id: string,
  verb: "mark" | "repin",
  body: object,
  options: { dryRun?: boolean },
): Promise<void> {
  const { client, output } = contextOf(command, signal)
  const dryRun = options.dryRun === true
  const effect = await client.post(`/runs/${runId(id)}/${verb}`, runEffectSchema, { ...body, dryRun })
  const undo = effect.undoId ? `\nTake it back with: headrace unmark ${effect.runId} ${effect.undoId}` : ""
  output.result(effect, () => `${effect.text}${dryRun ? DRY : undo}`)
}

/** The same to many runs; ends with 1 where nothing could be done to any. */
async function bulk(
  command: Command,
  signal: AbortSignal,
  action: "retry" | "cancel",
  ids: readonly string[],
  options: RunAgainOptions,
): Promise<void> {
  if (options.wait) throw new CliError("--wait follows one run; name one, or leave it out.", EXIT.usage)
  const { client, output } = contextOf(command, signal)
  const dryRun = options.dryRun === true
  const result = await client.post("/runs/bulk", bulkResultSchema, {
    action,
    runIds: ids.map(runId),
    version: options.newest ? "newest" : "pinned",
    dryRun,
  })
  output.result(result, () =>
    [...result.items.map((item) => plain(item.text)), `${result.text}${dryRun ? DRY : ""}`].join("\n"),
  )
  if (result.items.every((item) => !item.ok)) throw new CliError("No run was changed.", EXIT.failed)
}

const DRY = " (Dry run: nothing was changed.)"

interface RunAgainOptions {
  newest?: boolean
  dryRun?: boolean
  wait?: boolean
}

async function runAgain(
  command: Command,
  signal: AbortSignal,
  id: string,
  verb: "retry" | "clear",
  body: object,
  options: RunAgainOptions,
): Promise<void> {
  const context = contextOf(command, signal)
  const { client, output } = context
  const dryRun = options.dryRun === true
  const effect = await client.post(`/runs/${runId(id)}/${verb}`, runEffectSchema, {
    ...body,
    version: options.newest ? "newest" : "pinned",
    dryRun,
  })
  const text = `${effect.text}${dryRun ? DRY : ""}`
  if (!options.wait || dryRun) return output.result(effect, () => text)
  output.note(text)
  reportEnd(context, await waitForRun(context, effect.runId))
}

/** @throws CliError `usage`. */
export function runId(text: string): string {
  if (/^\d{1,18}$/.test(text)) return text
  throw new CliError(`"${plain(text)}" is no run id; see headrace runs.`, EXIT.usage)
}

function runsTable(runs: RunSummary[]): string {
  const rows = runs.map((run) => [
    run.id,
    run.pipelineId,
    run.kind,
    instantText(run.logicalAt),
    durationText(run.durationMs),
    `${stateText(run.state)}${run.errorMessage ? `  ${run.failedTaskId ?? ""}: ${firstLine(run.errorMessage)}` : ""}`,
  ])
  return table(["RUN", "PIPELINE", "KIND", "LOGICAL TIME", "TOOK", "STATE"], rows, "No runs match.")
}

function runText(run: RunDetail): string {
  const head = [
    `Run ${run.id} of ${run.pipelineId} (version ${run.version}): ${stateText(run.state)}`,
    `  ${run.kind} by ${plain(run.triggeredBy)}${run.triggerReason ? `, ${plain(run.triggerReason)}` : ""}`,
    `  interval  ${instantText(run.intervalStart)} → ${instantText(run.intervalEnd)}`,
    `  started   ${instantText(run.startedAt)}, took ${durationText(run.durationMs)} (usually ${durationText(run.medianDurationMs)})`,
    ...(run.note ? [`  note      ${plain(run.note)}`] : []),
  ]
  const rows = run.taskRuns.map((task) => [
    task.taskId,
    task.operator,
    String(task.attempts.length),
    durationText(task.durationMs),
    `${stateText(task.state)}${task.reason ? `  ${faint(firstLine(task.reason))}` : ""}`,
  ])
  return `${head.join("\n")}\n\n${table(["TASK", "OPERATOR", "TRIES", "TOOK", "STATE"], rows, "No tasks.")}`
}

function firstLine(text: string): string {
  const line = plain(text).split("\n")[0] ?? ""
  return line.length > 100 ? `${line.slice(0, 99)}…` : line
}
