import { setTimeout as delay } from "node:timers/promises"
import { type Command, Option } from "commander"
import { type Backfill, backfillSchema } from "#lib/contracts/api/backfills.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import { pipelineDetailSchema } from "#lib/contracts/api/pipelines.ts"
import { type CliContext, contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { durationText, instantText, stateText, table } from "../output.ts"
import { parseParams } from "../params.ts"

const POLL_MS = 1_000

interface BackfillOptions {
  from: string
  to: string
  selection: string
  order: string
  concurrency: string
  param: string[]
  dryRun?: boolean
  wait?: boolean
}

/** backfill, backfills. */
export function addBackfillCommands(program: Command, signal: AbortSignal): void {
  program
    .command("backfill <pipeline>")
    .description("run a pipeline for each partition of a range")
    .requiredOption("--from <date>", "first partition, such as 2026-01-01")
    .requiredOption("--to <date>", "last partition, inclusive")
    .addOption(
      new Option("--selection <which>", "which partitions")
        .choices(["all", "missing", "missing_failed"])
        .default("all"),
    )
    .addOption(new Option("--order <order>", "which first").choices(["oldest", "newest"]).default("oldest"))
    .option("--concurrency <number>", "runs at a time", "1")
    .option("-p, --param <name=value>", "a param; may be repeated", (value, before: string[]) => [...before, value], [])
    .option("--dry-run", "only show the plan")
    .option("-w, --wait", "follow it; ends with 1 unless it succeeds")
    .action(async (pipeline: string, options: BackfillOptions, command: Command) => {
      const context = contextOf(command, signal)
      const { client, output } = context
      const concurrency = Number(options.concurrency)
      if (!Number.isInteger(concurrency)) throw new CliError("--concurrency must be a whole number.", EXIT.usage)
      const path = `/pipelines/${encodeURIComponent(pipeline)}`
      const definition = options.param.length > 0 ? await client.get(path, pipelineDetailSchema) : null
      const backfill = await client.post("/backfills", backfillSchema, {
        pipelineId: pipeline,
        from: options.from,
        to: options.to,
        selection: options.selection,
        order: options.order,
        concurrency,
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

  program
    .command("backfills")
    .description("list backfills, newest first")
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
}

async function waitForBackfill({ client, output, signal }: CliContext, id: string): Promise<Backfill> {
  for (let said = ""; ; ) {
    const backfill = await client.get(`/backfills/${id}`, backfillSchema)
    const { create, done, failed, running } = backfill.counts
    const text = `  ${done}/${create} done, ${failed} failed, ${running} running`
    if (text !== said) output.note(text)
    said = text
    if (backfill.finishedAt !== null) return backfill
    await delay(POLL_MS, undefined, { signal }).catch(() => {
      throw new CliError(`Stopped waiting; backfill ${id} goes on.`, EXIT.interrupted)
    })
  }
}

function planText(backfill: Backfill): string {
  const { create, skip } = backfill.counts
  const rows = backfill.slots.map((slot) => [slot.partitionKey, slot.action, slot.reason])
  const estimate = backfill.estimateMs === null ? "" : `, about ${durationText(backfill.estimateMs)}`
  return `${table(["PARTITION", "ACTION", "REASON"], rows, "The range holds no partition.")}\n\nWould run ${create} and skip ${skip}${estimate}. (Dry run: nothing was changed.)`
}
