import type { Command } from "commander"
import {
  type ColumnImpact,
  type ColumnRef,
  type ColumnTrail,
  columnImpactSchema,
  columnTrailSchema,
  type LineageGraph,
  lineageGraphSchema,
} from "#lib/contracts/api/lineage.ts"
import { type HeadraceClient, RefusedError } from "../client.ts"
import { contextOf } from "../context.ts"
import { faint, table } from "../output.ts"
import { fullName } from "./datasets.ts"

interface Options {
  up?: boolean
  down?: boolean
  depth: string
  version?: string
  pipeline?: string
}

/** lineage: of a dataset, or of one of its columns. */
export function addLineageCommand(program: Command, signal: AbortSignal): void {
  program
    .command("lineage <dataset[.column]>")
    .description("show what a dataset or a column comes from, what is made of it, and what breaks if the column goes")
    .option("--up", "only where it comes from")
    .option("--down", "only where it goes")
    .option("--depth <steps>", "how many steps from a dataset", "100")
    .option("--version <number>", "as it was in a version of its pipeline (see: datasets versions)")
    .option("--pipeline <id>", "whose version it is, where another than the one that builds the dataset")
    .action(async (name: string, options: Options, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const found = await find(client, name, options)
      if (found.kind === "dataset") return output.result(found.graph, () => datasetText(found.graph))
      const { column, trail, impact } = found
      output.result({ ...column, ...trail, ...(impact && { impact }) }, () =>
        columnText(column, trail, impact, options),
      )
    })
}

type Found =
  | { kind: "dataset"; graph: LineageGraph }
  /** `impact` null: as of a version; what breaks is a question about now. */
  | { kind: "column"; column: ColumnRef; trail: ColumnTrail; impact: ColumnImpact | null }

/** `schema.table`, `warehouse.schema.table`, and both with a column behind: what is there decides. */
async function find(client: HeadraceClient, name: string, options: Options): Promise<Found> {
  const direction = options.up === options.down ? "both" : options.up ? "up" : "down"
  const asOf = { version: options.version, pipeline: options.pipeline }
  const query = { depth: options.depth, direction, ...asOf }
  try {
    const dataset = fullName(name)
    return { kind: "dataset", graph: await client.get("/lineage", lineageGraphSchema, { ...query, dataset }) }
  } catch (error) {
    const dot = name.lastIndexOf(".")
    const isUnknown = error instanceof RefusedError && error.problem.code === "dataset.not_found"
    if (!isUnknown || name.split(".").length < 3) throw error
    const column = { dataset: fullName(name.slice(0, dot)), column: name.slice(dot + 1) }
    // Says which dataset is not there, where that is what is wrong.
    await client.get("/lineage", lineageGraphSchema, { dataset: column.dataset, depth: 1, ...asOf })
    const [trail, impact] = await Promise.all([
      client.get("/lineage/columns", columnTrailSchema, { ...column, ...asOf }),
      options.version === undefined
        ? client.get(`/datasets/${encodeURIComponent(column.dataset)}/impact`, columnImpactSchema, {
            column: column.column,
          })
        : null,
    ])
    return { kind: "column", column, trail, impact }
  }
}

function datasetText({ nodes }: LineageGraph): string {
  const rows = nodes
    .toSorted((a, b) => a.distance - b.distance)
    .map((node) => [
      node.distance === 0 ? "•" : node.distance > 0 ? `+${node.distance}` : String(node.distance),
      node.id,
      [node.kind, node.materialized === node.kind ? null : node.materialized].filter(Boolean).join(", "),
      node.sensitiveColumns === 0 ? "–" : String(node.sensitiveColumns),
    ])
  return table(["STEPS", "DATASET", "KIND", "PERSONAL COLUMNS"], rows, "No lineage yet.")
}

function columnText(column: ColumnRef, trail: ColumnTrail, impact: ColumnImpact | null, { up, down }: Options): string {
  const reached = (columns: ColumnTrail["upstream"], nothing: string) =>
    table(
      ["STEPS", "COLUMN", "HOW"],
      columns.map((each) => [
        String(each.distance),
        `${each.dataset}.${each.column}`,
        each.influence === "direct" ? "same value" : "worked out with it",
      ]),
      faint(nothing),
    )
  const parts = [`${column.dataset}.${column.column}`]
  if (up || !down) parts.push("", "Comes from", reached(trail.upstream, "nothing that is known"))
  if (down || !up) {
    parts.push("", "Goes into", reached(trail.downstream, "nothing that is known"))
    for (const { dataset, kinds } of trail.rows) parts.push(`decides the rows of ${dataset} (${kinds.join(", ")})`)
    if (impact) parts.push("", "If it goes", ...impactLines(impact))
  }
  if (trail.gaps.length > 0) parts.push("", "Not followed", ...trail.gaps.map(({ message }) => message))
  return parts.join("\n")
}

function impactLines({ breaks, vanishes, stale, unknown, exposures }: ColumnImpact): string[] {
  const lines = [
    ...breaks.map((dataset) => `fails     ${dataset}`),
    ...stale.map((dataset) => `old data  ${dataset}`),
    ...vanishes.map(({ dataset, column }) => `goes too  ${dataset}.${column}`),
    ...unknown.map((dataset) => `unknown   ${dataset}`),
    ...exposures.map(({ name, type, owner, reads }) => {
      return `tell      ${name} (${[type, owner].filter(Boolean).join(", ")}), which reads ${reads.join(", ")}`
    }),
  ]
  return lines.length > 0 ? lines : [faint("nothing fails")]
}
