import { setTimeout as delay } from "node:timers/promises"
import { type Command, InvalidArgumentError, Option } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import {
  checkReceiptSchema,
  type FreshnessDetail,
  type FreshnessItem,
  freshnessDetailSchema,
  freshnessPageSchema,
  type Monitor,
  monitorSchema,
} from "#lib/contracts/api/freshness.ts"
import { type CliContext, contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { durationText, instantText, Output, plain, table } from "../output.ts"
import { fullName } from "./datasets.ts"

interface FreshnessOptions {
  format: "text" | "json"
  state?: string
  owner?: string
  tag?: string
  failOn: "error" | "warn"
  check?: boolean
  timeout: number
}

/** freshness, monitors. */
export function addFreshnessCommands(program: Command, signal: AbortSignal): void {
  program
    .command("freshness [table]")
    .description("say which datasets are late; ends with 1 when one is in error")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .option("--state <states>", "comma-separated: error, warn, at_risk, unknown, loading, fresh")
    .option("--owner <owner>", "only those of this owner")
    .option("--tag <tag>", "only those with this tag")
    .addOption(new Option("--fail-on <state>", "what ends with 1").choices(["error", "warn"]).default("error"))
    .option("--check", "look at the table first, and wait for it")
    .option("--timeout <seconds>", "how long to wait for that", parseSeconds, 60)
    .action(async (name: string | undefined, options: FreshnessOptions, command: Command) => {
      const context = contextOf(command, signal)
      const output = options.format === "json" ? new Output(true) : context.output
      const items = name ? await oneOf(context, fullName(name), options) : await allOf(context, options)
      output.result(items, () => freshnessTable(items))
      const bad = items.filter(({ state }) => state === "error" || (options.failOn === "warn" && state === "warn"))
      if (bad.length > 0)
        throw new CliError(bad.length === 1 ? "1 dataset is late." : `${bad.length} datasets are late.`, EXIT.failed)
    })

  const monitors = program
    .command("monitors")
    .description("list the tables that are looked at every so often, with the last outcome")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/monitors", pageOf(monitorSchema))
      output.result(page, () => monitorTable(page.items))
    })
  monitors
    .command("check <table>")
    .description("look at a table now and wait for the outcome; ends with 1 when it could not be looked at")
    .option("--timeout <seconds>", "how long to wait", parseSeconds, 300)
    .action(async (name: string, { timeout }: { timeout: number }, command: Command) => {
      const context = contextOf(command, signal)
      const { monitor } = await checkNow(context, fullName(name), timeout)
      if (!monitor) throw new CliError(`${fullName(name)} has no monitor; declare one under quality/.`, EXIT.failed)
      context.output.result(monitor, () => monitorTable([monitor]))
      if (monitor.outcome === "failed") throw new CliError(plain(monitor.message), EXIT.failed)
    })
}

async function oneOf(context: CliContext, id: string, options: FreshnessOptions): Promise<FreshnessItem[]> {
  const { freshness } = options.check ? await checkNow(context, id, options.timeout) : await readOne(context, id)
  if (!freshness) throw new CliError(`${id} has no freshness policy; declare one under quality/.`, EXIT.failed)
  return [freshness]
}

async function allOf({ client }: CliContext, { state, owner, tag, check }: FreshnessOptions): Promise<FreshnessItem[]> {
  if (check) throw new CliError("--check needs a table.", EXIT.usage)
  const items: FreshnessItem[] = []
  let cursor: string | undefined
  do {
    const page = await client.get("/freshness", freshnessPageSchema, { state, owner, tag, limit: 500, cursor })
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  return items
}

function readOne({ client }: CliContext, id: string): Promise<FreshnessDetail> {
  return client.get(`/freshness/${encodeURIComponent(id)}`, freshnessDetailSchema)
}

/** Asks for a look and waits until all that there is to look at was looked at after that. */
async function checkNow(context: CliContext, id: string, seconds: number): Promise<FreshnessDetail> {
  const { client, signal } = context
  const { askedAt } = await client.post(`/freshness/${encodeURIComponent(id)}/check`, checkReceiptSchema)
  const deadline = Date.now() + seconds * 1_000
  for (;;) {
    const detail = await readOne(context, id)
    const { freshness, monitor } = detail
    const isDone = (at: string | null) => at !== null && at >= askedAt
    if ((!freshness || isDone(freshness.checkedAt)) && (!monitor || isDone(monitor.finishedAt))) return detail
    if (Date.now() > deadline) throw new CliError(`No worker has looked at ${id} for ${seconds} s.`, EXIT.failed)
    await delay(300, undefined, { signal }).catch(() => {
      throw new CliError("Stopped waiting.", EXIT.interrupted)
    })
  }
}

function freshnessTable(items: readonly FreshnessItem[]): string {
  const rows = items.map((item) => [
    item.datasetId.replace(/^warehouse\./, ""),
    instantText(item.measure === "loads" ? item.loadedAt : (item.dataAt ?? item.loadedAt)),
    instantText(item.dueAt),
    instantText(item.forecast?.at ?? null),
    item.kept === null ? "–" : `${(Math.floor(item.kept * 1_000) / 10).toFixed(1)} %`,
    item.standing,
    item.message,
  ])
  return table(
    ["DATASET", "ARRIVED", "DUE", "EXPECTED", "FRESH 30 D", "STATE", "WHY"],
    rows,
    "No dataset has a freshness policy.",
  )
}

function monitorTable(monitors: readonly Monitor[]): string {
  const rows = monitors.map((monitor) => [
    monitor.datasetId.replace(/^warehouse\./, ""),
    durationText(monitor.everyMs),
    instantText(monitor.finishedAt),
    instantText(monitor.nextAt),
    monitor.isRunning ? "looking" : (monitor.outcome ?? "due"),
    monitor.message,
  ])
  return table(["DATASET", "EVERY", "LAST", "NEXT", "OUTCOME", "WHAT"], rows, "No table has a monitor.")
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (!Number.isFinite(seconds) || seconds <= 0) throw new InvalidArgumentError("give a number of seconds")
  return seconds
}
