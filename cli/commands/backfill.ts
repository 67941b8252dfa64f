import { setTimeout as delay } from "node:timers/promises"
import { type Command, Option } from "commander"
import { type Backfill, backfillSchema, backfillSlotSchema } from "#lib/contracts/api/backfills.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import { pipelineDetailSchema } from "#lib/contracts/api/pipelines.ts"
import { BACKFILL_SELECTIONS, SLOT_STATES } from "#lib/domain/backfill-plan.ts"
import { TASK_NEIGHBOURS } from "#lib/domain/select-tasks.ts"
import { type CliContext, contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { durationText, instantText, stateText, table } from "../output.ts"
import { parseParams } from "../params.ts"

const POLL_MS = 1_000
const SlotPage = pageOf(backfillSlotSchema)

interface BackfillOptions {
  from?: string
  to?: string
  partitions?: string
  selection: string
  order: string
  concurrency: string
  perRun: string
  priority: string
  key: string[]
  task: string[]
  with: string
  param: string[]
  dryRun?: boolean
  wait?: boolean
}

/** backfill, backfills. */
export function addBackfillCommands(program: Command, signal: AbortSignal): void {
  program
    .command("backfill <pipeline>")
    .description("run a pipeline for each partition of a range")
    .option("--from <date>", "first day, such as 2026-01-01")
    .option("--to <date>", "last day, inclusive")
    .option("--partitions <list>", "instead of a range: 2026-01-01..2026-01-31,2026-02-14, or keys: eu,us")
    .option("--key <key>", "only this key; may be repeated", (value, before: string[]) => [...before, value], [])
    .addOption(new Option("--selection <which>", "which partitions").choices(BACKFILL_SELECTIONS).default("all"))
    .addOption(new Option("--order <order>", "which first").choices(["oldest", "newest"]).default("oldest"))
    .option("--concurrency <number>", "runs at a time", "1")
    .option("--per-run <number>", "partitions that one run loads, where they follow each other in time", "1")
    .option("--priority <number>", "added to its runs' priority; live runs have 1000", "0")
    .option("--task <id>", "only this task; may be repeated", (value, before: string[]) => [...before, value], [])
    .addOption(new Option("--with <others>", "what goes with the named tasks").choices(TASK_NEIGHBOURS).default("none"))
    .option("-p, --param <name=value>", "a param; may be repeated", (value, before: string[]) => [...before, value], [])
    .option("--dry-run", "only show the plan")
    .option("-w, --wait", "follow it; ends with 1 unless it succeeds")
    .action(async (pipeline: string, options: BackfillOptions, command: Command) => {
      const context = contextOf(command, signal)
      const { client, output } = context
      const isNamed = options.partitions !== undefined
      const isRange = options.from !== undefined || options.to !== undefined
      // Neither is for pipelines whose partitions have no time: all of their keys.
      if ((isNamed && isRange) || (isRange && !(options.from && options.to))) {
        throw new CliError("Say what to load: --from and --to, or --partitions.", EXIT.usage)
      }
      const path = `/pipelines/${encodeURIComponent(pipeline)}`
      const definition = options.param.length > 0 ? await client.get(path, pipelineDetailSchema) : null
      const backfill = await client.post("/backfills", backfillSchema, {
        pipelineId: pipeline,
        ...(isNamed ? { partitions: options.partitions } : { from: options.from, to: options.to }),
        selection: options.selection,
        order: options.order,
        keys: options.key,
        concurrency: wholeNumber("--concurrency", options.concurrency),
        perRun: wholeNumber("--per-run", options.perRun),
        priority: wholeNumber("--priority", options.priority),
        tasks: options.task,
        with: options.with,
        params: parseParams(options.param, definition?.manifest?.params ?? null),
        dryRun: options.dryRun === true,
      })
      if (options.dryRun) return output.result(backfill, () => planText(backfill))
      const started = `Backfill ${backfill.id} of ${pipeline}: ${backfill.counts.create} partitions: ${client.url}/backfills/${backfill.id}`
      if (!options.wait) return output.result(backfill, () => started)
      output.note(started)
      const ended = await waitForBackfill(context, backfill.id!)
      output.result(ended, () => `Backfill ${ended.id}: ${stateText(ended.state ?? "")}`)
      if (ended.state !== "success") {
        throw new CliError(`${ended.counts.failed} partitions failed; see headrace runs --state failed.`, EXIT.failed)
      }
    })

  const backfills = program.command("backfills").description("list backfills, follow and change them")
  backfills
    .command("list", { isDefault: true })
    .description("backfills, newest first")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/backfills", pageOf(backfillSchema))
      output.result(page, () => {
        const rows = page.items.map((backfill) => [
          backfill.id ?? "",
          backfill.pipelineId,
          instantText(backfill.createdAt),
          `${backfill.counts.done}/${backfill.counts.create}`,
          stateText(backfill.state ?? ""),
        ])
        return table(["BACKFILL", "PIPELINE", "CREATED", "DONE", "STATE"], rows, "No backfills yet.")
      })
    })
  backfills
    .command("show <id>")
    .description("one backfill with its partitions")
    .addOption(new Option("--state <state>", "only partitions in this state").choices(SLOT_STATES))
    .option("--limit <number>", "at most so many partitions", "100")
    .action(async (id: string, options: { state?: string; limit: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const backfill = await client.get(`/backfills/${id}`, backfillSchema)
      const limit = wholeNumber("--limit", options.limit)
      const { state } = options
      const { items, nextCursor } = await client.get(`/backfills/${id}/slots`, SlotPage, { state, limit })
      output.result({ ...backfill, slots: items }, () => {
        const rows = items.map((slot) => [
          slot.partitionKey,
          slot.runState ? stateText(slot.runState) : slot.action === "skip" ? "skipped" : "waiting",
          slot.runId ?? "",
          slot.reason,
        ])
        const list = table(["PARTITION", "STATE", "RUN", "REASON"], rows, "It has no such partitions.")
        const more = nextCursor ? "\n\nThere are more; see --limit and --state." : ""
        return `${stateLine(backfill)}\n\n${list}${more}`
      })
    })
  backfills
    .command("set <id>")
    .description("change a backfill while it runs")
    .option("--concurrency <number>", "runs at a time")
    .option("--priority <number>", "of runs that start from now on")
    .action(async (id: string, options: { concurrency?: string; priority?: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const change = {
        ...(options.concurrency ? { concurrency: wholeNumber("--concurrency", options.concurrency) } : {}),
        ...(options.priority ? { priority: wholeNumber("--priority", options.priority) } : {}),
      }
      const backfill = await client.patch(`/backfills/${id}`, backfillSchema, change)
      output.result(backfill, () => stateLine(backfill))
    })
  for (const [name, description, isPaused] of [
    ["pause", "let what runs finish and start nothing further", true],
    ["resume", "go on where it was paused", false],
  ] as const) {
    backfills
      .command(`${name} <id>`)
      .description(description)
      .action(async (id: string, _options: object, command: Command) => {
        const { client, output } = contextOf(command, signal)
        const backfill = await client.patch(`/backfills/${id}`, backfillSchema, { isPaused })
        output.result(backfill, () => stateLine(backfill))
      })
  }
  for (const [name, description] of [
    ["cancel", "start nothing further and cancel what runs"],
    ["rerun-failed", "run the failed partitions again, and them alone"],
  ] as const) {
    backfills
      .command(`${name} <id>`)
      .description(description)
      .action(async (id: string, _options: object, command: Command) => {
        const { client, output } = contextOf(command, signal)
        const backfill = await client.post(`/backfills/${id}/${name}`, backfillSchema)
        output.result(backfill, () => stateLine(backfill))
      })
  }
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value)) throw new CliError(`${option} must be a whole number.`, EXIT.usage)
  return value
}

function stateLine({ id, state, concurrency, perRun, counts, estimateMs, pauseReason }: Backfill): string {
  const { create, done, failed, running } = counts
  const group = perRun > 1 ? ` of ${perRun} partitions` : ""
  const left = state === "running" && estimateMs !== null ? `, about ${durationText(estimateMs)} left` : ""
  const why = pauseReason === null ? "" : `\n  Paused itself: ${pauseReason}`
  return `Backfill ${id}: ${stateText(state ?? "")}, ${done}/${create} done, ${failed} failed, ${running} running, ${concurrency} at a time${group}${left}${why}`
}

async function waitForBackfill({ client, output, signal }: CliContext, id: string): Promise<Backfill> {
  for (let said = ""; ; ) {
    const backfill = await client.get(`/backfills/${id}`, backfillSchema)
    const { create, done, failed, running } = backfill.counts
    const text = `  ${done}/${create} done, ${failed} failed, ${running} running`
    if (text !== said) output.note(text)
    said = text
    if (backfill.pauseReason !== null) {
      throw new CliError(`Backfill ${id} paused itself: ${backfill.pauseReason}`, EXIT.failed)
    }
    if (backfill.finishedAt !== null) return backfill
    await delay(POLL_MS, undefined, { signal }).catch(() => {
      throw new CliError(`Stopped waiting; backfill ${id} goes on.`, EXIT.interrupted)
    })
  }
}

function planText(backfill: Backfill): string {
  const { create, skip } = backfill.counts
  const rows = backfill.slots.map((slot) => [
    slot.partitionKey,
    slot.action,
    slot.isStale ? "stale" : (slot.lastState ?? "missing"),
    slot.lastRows?.toLocaleString("en-US") ?? "",
    slot.lastDurationMs == null ? "" : durationText(slot.lastDurationMs),
    slot.reason,
  ])
  const time = backfill.estimateMs === null ? "" : `, about ${durationText(backfill.estimateMs)}`
  const loaded = backfill.estimateRows ? `, ${backfill.estimateRows.toLocaleString("en-US")} rows` : ""
  const runs = new Set(backfill.slots.filter((slot) => slot.action === "create").map((slot) => slot.group)).size
  const grouped = backfill.perRun > 1 ? ` with ${runs} runs` : ""
  const plan = table(["PARTITION", "ACTION", "LAST", "ROWS", "TOOK", "REASON"], rows, "The range holds no partition.")
  return `${plan}\n\nWould run ${create}${grouped} and skip ${skip}${time}${loaded}. (Dry run: nothing was changed.)`
}
