import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import {
  type DatasetVersion,
  datasetVersionSchema,
  datasetVersionSummarySchema,
} from "#lib/contracts/api/dataset-versions.ts"
import {
  type DatasetColumn,
  type DatasetDetail,
  datasetDetailSchema,
  datasetSummarySchema,
} from "#lib/contracts/api/datasets.ts"
import { contextOf } from "../context.ts"
import { faint, instantText, table } from "../output.ts"

/** datasets and what is known of one. */
export function addDatasetCommands(program: Command, signal: AbortSignal): void {
  const datasets = program
    .command("datasets")
    .description("list datasets with their quality scores, or show one")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/datasets", pageOf(datasetSummarySchema))
      output.result(page, () => {
        const rows = page.items.map((dataset) => [
          dataset.id,
          dataset.rowCount === null ? "–" : dataset.rowCount.toLocaleString("en"),
          dataset.score === null ? "–" : dataset.score.toFixed(1),
          dataset.checksFailing === 0 ? "–" : String(dataset.checksFailing),
          instantText(dataset.updatedAt),
          dataset.kind,
          dataset.sensitiveColumns === 0 ? "–" : String(dataset.sensitiveColumns),
        ])
        const headings = ["DATASET", "ROWS", "SCORE", "FAILING CHECKS", "UPDATED", "KIND", "PERSONAL COLUMNS"]
        return table(headings, rows, "No datasets yet.")
      })
    })

  datasets
    .command("show <dataset>")
    .description("show a dataset: what it is, its columns with their tags, and its tests")
    .option("--sql", "print only its query, as it ran last, or as the project has it")
    .option("--version <number>", "as it was in a version of its pipeline (see: datasets versions)")
    .option("--pipeline <id>", "whose version it is, where another than the one that builds the dataset")
    .action(async (dataset: string, options: ShowOptions, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const path = `/datasets/${encodeURIComponent(fullName(dataset))}`
      if (options.version !== undefined) {
        const query = { pipeline: options.pipeline }
        const past = await client.get(`${path}/versions/${options.version}`, datasetVersionSchema, query)
        return output.result(past, () => (options.sql ? sqlOf(past) : pastText(past)))
      }
      const detail = await client.get(path, datasetDetailSchema)
      output.result(detail, () => (options.sql ? sqlOf(detail) : detailText(detail)))
    })

  datasets
    .command("versions <dataset>")
    .description("list the versions of its pipeline in which a dataset changed, newest first, and what changed")
    .option("--limit <number>", "how many", "20")
    .action(async (dataset: string, options: { limit: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const path = `/datasets/${encodeURIComponent(fullName(dataset))}/versions`
      const page = await client.get(path, pageOf(datasetVersionSummarySchema), { limit: options.limit })
      output.result(page, () => {
        const rows = page.items.map(({ version, pipelineId, at, isCurrent, summary }) => [
          String(version),
          pipelineId,
          instantText(at),
          `${summary}${isCurrent ? " (holds now)" : ""}`,
        ])
        return table(["VERSION", "PIPELINE", "SAVED", "CHANGED"], rows, "No versions of it are kept.")
      })
    })
}

interface ShowOptions {
  sql?: boolean
  version?: string
  pipeline?: string
}

/** `schema.table` means the one in the warehouse. */
export function fullName(dataset: string): string {
  return dataset.split(".").length === 2 ? `warehouse.${dataset}` : dataset
}

function sqlOf({ compiled, definition }: Pick<DatasetDetail, "compiled" | "definition">): string {
  return compiled?.sql ?? definition?.sql ?? "-- No query is known."
}

function detailText(dataset: DatasetDetail): string {
  const { definition } = dataset
  const facts = [
    [dataset.kind, dataset.materialized].filter(Boolean).join(", "),
    dataset.owner && `owner ${dataset.owner}`,
    dataset.tags.length > 0 && `tags ${dataset.tags.join(", ")}`,
    dataset.pipelineId && `built by ${dataset.pipelineId} ${dataset.taskId ?? ""}`.trimEnd(),
    definition?.file,
    `loaded ${instantText(dataset.updatedAt)}`,
  ]
  const checks = dataset.checks.map((check) => [
    check.passed ? "pass" : check.severity === "error" ? "fail" : "warn",
    check.column ?? "–",
    check.name,
  ])
  return [
    `${dataset.id}${dataset.description === "" ? "" : `\n${dataset.description.trim()}`}`,
    faint(facts.filter(Boolean).join(" · ")),
    "",
    columnsText(dataset.columns),
    "",
    table(["RESULT", "COLUMN", "TEST"], checks, "No test has run yet."),
  ].join("\n")
}

function pastText(dataset: DatasetVersion): string {
  const { version, pipelineId, change, upstreams, definition, compiled } = dataset
  const facts = [
    [dataset.kind, dataset.materialized].filter(Boolean).join(", "),
    dataset.owner && `owner ${dataset.owner}`,
    dataset.tags.length > 0 && `tags ${dataset.tags.join(", ")}`,
    definition?.file,
    compiled && `compiled in version ${compiled.version}`,
  ]
  return [
    `${dataset.id} as of version ${version} of ${pipelineId}, saved ${instantText(dataset.at)}`,
    ...(dataset.description === "" ? [] : [dataset.description.trim()]),
    faint(facts.filter(Boolean).join(" · ")),
    "",
    `Changed in version ${change.version}: ${change.summary}`,
    `Made from ${upstreams.length > 0 ? upstreams.join(", ") : "nothing that is known"}`,
    "",
    columnsText(dataset.columns),
  ].join("\n")
}

function columnsText(columns: readonly DatasetColumn[]): string {
  const rows = columns.map((column) => [
    column.name,
    column.type ?? "–",
    [
      ...column.tags,
      ...column.inheritedTags.map(({ tag, from }) => `${tag} (from ${from.dataset}.${from.column})`),
      ...(column.exists ? [] : ["not in the table"]),
    ].join(", ") || "–",
    column.description.trim() || "–",
  ])
  return table(["COLUMN", "TYPE", "TAGS", "DESCRIPTION"], rows, "Its columns are not known yet.")
}
