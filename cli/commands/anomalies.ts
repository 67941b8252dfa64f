import { type Command, InvalidArgumentError, Option } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import { type DatasetSchema, datasetSchemaSchema } from "#lib/contracts/api/schema-changes.ts"
import {
  ANOMALY_STATES,
  type Anomaly,
  anomalySchema,
  type Series,
  type SeriesKind,
  type SeriesList,
  seriesListSchema,
  seriesSchema,
} from "#lib/contracts/api/series.ts"
import { changeText } from "#lib/domain/schema/compare-columns.ts"
import { contractText } from "#lib/domain/schema/judge-contract.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { faint, instantText, table } from "../output.ts"
import { fullName } from "./datasets.ts"

/** anomalies, series, schema. */
export function addAnomalyCommands(program: Command, signal: AbortSignal): void {
  const anomalies = program
    .command("anomalies")
    .description("list measurements outside of what was expected, newest first")
    .option("--dataset <table>", "only those of this table")
    .addOption(new Option("--state <state>", "only those in this state").choices([...ANOMALY_STATES]))
    .option("--limit <count>", "at most so many", parseCount, 50)
    .action(async (options: { dataset?: string; state?: string; limit: number }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const query = { ...options, dataset: options.dataset && fullName(options.dataset) }
      const page = await client.get("/anomalies", pageOf(anomalySchema), query)
      output.result(page, () => anomalyTable(page.items))
    })
  anomalies
    .command("fine <id>")
    .description("say that an anomaly is fine; what is learned of it holds for later measurements")
    .option("--shift", "from here on the level is another, instead of: such values happen")
    .option("--note <text>", "why", "")
    .action(async (id: string, options: { shift?: boolean; note: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const body = { lesson: options.shift ? "shift" : "point", note: options.note }
      const anomaly = await client.post(`/anomalies/${encodeURIComponent(id)}/fine`, anomalySchema, body)
      output.result(anomaly, () => anomalyTable([anomaly]))
    })
  anomalies
    .command("undo <id>")
    .description("take back that an anomaly is fine")
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const anomaly = await client.post(`/anomalies/${encodeURIComponent(id)}/undo`, anomalySchema)
      output.result(anomaly, () => anomalyTable([anomaly]))
    })

  program
    .command("series <table>")
    .description("list what is measured of a table, or with --metric the measurements and what is expected next")
    .option("--metric <metric>", "row_count, rows, null_share, mean, …")
    .option("--column <column>", "of this column", "")
    .addOption(new Option("--kind <kind>", "of the table, or by partition").choices(["table", "partitions", "key"]))
    .option("--key <key>", "of this fixed key", "")
    .option("--limit <count>", "so many of the newest", parseCount, 30)
    .action(async (name: string, options: SeriesOptions, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const path = `/datasets/${encodeURIComponent(fullName(name))}`
      if (options.metric === undefined) {
        const list = await client.get(`${path}/measurements`, seriesListSchema)
        return output.result(list, () => seriesTable(list))
      }
      const series = await client.get(`${path}/series`, seriesSchema, { ...options })
      output.result(series, () => pointsText(series))
    })

  program
    .command("schema <table>")
    .description(
      "show a table's columns against its contract and how they changed; ends with 1 when the contract is broken",
    )
    .action(async (name: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const schema = await client.get(`/datasets/${encodeURIComponent(fullName(name))}/schema`, datasetSchemaSchema)
      output.result(schema, () => schemaText(schema))
      const broken = schema.contract?.hasColumns ? contractText(schema.lines) : null
      if (broken !== null && schema.contract?.onChange !== "evolve") throw new CliError(broken, EXIT.failed)
    })
}

interface SeriesOptions {
  metric?: string
  column: string
  kind?: SeriesKind
  key: string
  limit: number
}

function anomalyTable(anomalies: readonly Anomaly[]): string {
  const rows = anomalies.map((each) => [
    each.id,
    each.datasetId.replace(/^warehouse\./, ""),
    [each.metric, each.column && `of ${each.column}`].filter(Boolean).join(" "),
    each.partitionKey ?? instantText(each.at),
    numberText(each.value),
    `${numberText(each.lower)} to ${numberText(each.upper)}`,
    each.lesson ? `${each.state} (${each.lesson})` : each.state,
  ])
  return table(["ID", "DATASET", "METRIC", "AT", "VALUE", "EXPECTED", "STATE"], rows, "No anomalies.")
}

function seriesTable({ items }: SeriesList): string {
  const rows = items.map((each) => [
    each.metric,
    each.column || "–",
    each.key === "" ? each.kind : `${each.kind}, ${each.key}`,
    String(each.points),
    instantText(each.lastAt),
    each.isWatched ? "yes" : "no",
    each.openAnomalies === 0 ? "–" : String(each.openAnomalies),
  ])
  return table(
    ["METRIC", "COLUMN", "KIND", "POINTS", "LAST", "WATCHED", "ANOMALIES"],
    rows,
    "Nothing was measured yet.",
  )
}

function pointsText({ points, next }: Series): string {
  const rows = points.map((each) => [
    each.partitionKey ?? instantText(each.at),
    numberText(each.value),
    each.lower === null || each.upper === null ? "–" : `${numberText(each.lower)} to ${numberText(each.upper)}`,
    each.anomaly?.state === "fine" ? "fine" : each.state,
  ])
  const list = table(["AT", "VALUE", "EXPECTED", "STATE"], rows, "Nothing was measured yet.")
  if (next === null) return `${list}\n${faint("Nobody watches this series.")}`
  if (next.kind === "learning")
    return `${list}\n${faint(`Learning: ${next.missing} more of ${next.needed} are needed.`)}`
  return `${list}\n${faint(`Next: ${numberText(next.lower)} to ${numberText(next.upper)} (${next.rule}).`)}`
}

function schemaText({ lines, changes, contract }: DatasetSchema): string {
  const columns = lines.map((line) => [
    line.column,
    line.promised ?? "–",
    line.actual ?? "–",
    contract?.hasColumns ? line.verdict.replace("_", " ") : "–",
  ])
  const history = changes.map((change) => [
    instantText(change.at),
    change.isBreaking ? "breaking" : "compatible",
    change.changes.map(changeText).join(", "),
    change.affected.map(({ dataset }) => dataset.replace(/^warehouse\./, "")).join(", ") || "–",
  ])
  return [
    table(["COLUMN", "PROMISED", "ACTUAL", "VERDICT"], columns, "Its columns are not known yet."),
    "",
    table(["CHANGED", "KIND", "WHAT", "AFFECTED"], history, "Its columns have not changed."),
  ].join("\n")
}

function numberText(value: number): string {
  return value.toLocaleString("en", {
    maximumFractionDigits: Math.abs(value) < 1 ? 4 : Math.abs(value) < 1_000 ? 2 : 0,
  })
}

function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("give a whole number above 0")
  return count
}
