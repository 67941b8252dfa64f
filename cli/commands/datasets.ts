import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import { type DatasetDetail, datasetDetailSchema, datasetSummarySchema } from "#lib/contracts/api/datasets.ts"
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
    .action(async (dataset: string, options: { sql?: boolean }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const detail = await client.get(`/datasets/${encodeURIComponent(fullName(dataset))}`, datasetDetailSchema)
      output.result(detail, () => (options.sql ? sqlOf(detail) : detailText(detail)))
    })
}

/** `schema.table` means the one in the warehouse. */
export function fullName(dataset: string): string {
  return dataset.split(".").length === 2 ? `warehouse.${dataset}` : dataset
}

function sqlOf({ compiled, definition }: DatasetDetail): string {
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
  const columns = dataset.columns.map((column) => [
    column.name,
    column.type ?? "–",
    [
      ...column.tags,
      ...column.inheritedTags.map(({ tag, from }) => `${tag} (from ${from.dataset}.${from.column})`),
      ...(column.exists ? [] : ["not in the table"]),
    ].join(", ") || "–",
    column.description.trim() || "–",
  ])
  const checks = dataset.checks.map((check) => [
    check.passed ? "pass" : check.severity === "error" ? "fail" : "warn",
    check.column ?? "–",
    check.name,
  ])
  return [
    `${dataset.id}${dataset.description === "" ? "" : `\n${dataset.description.trim()}`}`,
    faint(facts.filter(Boolean).join(" · ")),
    "",
    table(["COLUMN", "TYPE", "TAGS", "DESCRIPTION"], columns, "Its columns are not known yet."),
    "",
    table(["RESULT", "COLUMN", "TEST"], checks, "No test has run yet."),
  ].join("\n")
}
