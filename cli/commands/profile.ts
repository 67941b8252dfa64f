import { setTimeout as delay } from "node:timers/promises"
import { type Command, InvalidArgumentError, Option } from "commander"
import {
  type ColumnProfile,
  datasetProfileSchema,
  profileReceiptSchema,
  type TableProfile,
} from "#lib/contracts/api/profiles.ts"
import { type CliContext, contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { faint, instantText, Output, plain, table } from "../output.ts"
import { fullName } from "./datasets.ts"

interface ProfileOptions {
  sample?: number | "all"
  last?: boolean
  format: "text" | "json"
  timeout: number
}

/** profile. */
export function addProfileCommand(program: Command, signal: AbortSignal): void {
  program
    .command("profile <table>")
    .description("say what the values of a table look like: empty, different, extremes, quantiles, most frequent")
    .option("--sample <rows>", 'rows to look at, or "all" (default: what its policy says, or 100000)', parseSample)
    .option("--last", "print the last profile instead of making one")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json"]).default("text"))
    .option("--timeout <seconds>", "how long to wait", parseSeconds, 900)
    .action(async (name: string, options: ProfileOptions, command: Command) => {
      const context = contextOf(command, signal)
      const output = options.format === "json" ? new Output(true) : context.output
      const path = `/datasets/${encodeURIComponent(fullName(name))}/profile`
      const profile = options.last
        ? (await context.client.get(path, datasetProfileSchema)).latest
        : await makeProfile(context, path, options)
      if (!profile) throw new CliError(`${fullName(name)} has no profile yet; leave --last out.`, EXIT.failed)
      output.result(profile, () => profileText(profile))
    })
}

async function makeProfile(
  { client, signal }: CliContext,
  path: string,
  { sample, timeout }: ProfileOptions,
): Promise<TableProfile | null> {
  const { id } = await client.post(path, profileReceiptSchema, sample === undefined ? {} : { sample })
  const deadline = Date.now() + timeout * 1_000
  for (;;) {
    const { pending, latest } = await client.get(path, datasetProfileSchema)
    if (pending?.id === id && pending.state === "failed") throw new CliError(plain(pending.message), EXIT.failed)
    if (pending?.id !== id) return latest
    if (Date.now() > deadline) throw new CliError(`The profile is not done after ${timeout} s.`, EXIT.failed)
    await delay(300, undefined, { signal }).catch(() => {
      throw new CliError("Stopped waiting; the profile is made all the same.", EXIT.interrupted)
    })
  }
}

function profileText(profile: TableProfile): string {
  const read = profile.rowsRead ?? 0
  const rows = profile.columns.map((column) => [
    column.name,
    column.type,
    read === 0 ? "–" : `${((100 * column.nulls) / read).toFixed(1)} %`,
    column.distinctEstimate !== null && column.distinctEstimate !== column.distinct
      ? `~${column.distinctEstimate.toLocaleString("en")}`
      : column.distinct.toLocaleString("en"),
    ...(column.isMasked ? ["masked", "masked", "masked"] : valuesText(column)),
  ])
  const total = profile.rowsTotal?.toLocaleString("en") ?? "?"
  const of =
    profile.method === "all" ? "all" : `${read.toLocaleString("en")} of ${profile.isTotalExact ? "" : "about "}${total}`
  return [
    table(["COLUMN", "TYPE", "NULL", "DISTINCT", "SMALLEST", "LARGEST", "MOST FREQUENT"], rows, "It has no columns."),
    "",
    faint(`${profile.datasetId}: ${of} rows, ${instantText(profile.finishedAt)}`),
  ].join("\n")
}

function valuesText({ smallest, largest, top }: ColumnProfile): string[] {
  const cut = (value: string | null) => (value === null ? "–" : value.length > 24 ? `${value.slice(0, 23)}…` : value)
  const [first] = top
  return [cut(smallest), cut(largest), first ? `${cut(first.value)} (${first.count.toLocaleString("en")})` : "–"]
}

function parseSample(text: string): number | "all" {
  if (text === "all") return "all"
  const rows = Number(text)
  if (!Number.isInteger(rows) || rows < 100) throw new InvalidArgumentError('give a number from 100, or "all"')
  return rows
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (!Number.isFinite(seconds) || seconds <= 0) throw new InvalidArgumentError("give a number of seconds")
  return seconds
}
