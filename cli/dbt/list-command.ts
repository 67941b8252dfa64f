import { type Command, Option } from "commander"
import { writeManifest } from "#lib/models/artifacts/write-artifacts.ts"
import type { Manifest } from "#lib/models/project/manifest.ts"
import type { GraphNode } from "#lib/models/project/node.ts"
import type { ResourceType } from "#lib/models/selection/selectable.ts"
import { guarded } from "./guarded.ts"
import { openInvocation } from "./invocation.ts"
import { addSelectOptions, optionsOf, type RunFlags } from "./options.ts"
import { selectedIds } from "./selection.ts"

const LISTED: readonly ResourceType[] = [
  "model",
  "snapshot",
  "seed",
  "test",
  "source",
  "exposure",
  "metric",
  "semantic_model",
  "saved_query",
  "analysis",
  "unit_test",
]

/** What of a node `--output json` prints where nothing is named (dbt's documentation, "list"). */
const KEYS = [
  "alias",
  "name",
  "package_name",
  "depends_on",
  "tags",
  "config",
  "resource_type",
  "source_name",
  "original_file_path",
  "unique_id",
]

interface ListOptions extends RunFlags {
  output: string
  outputKeys?: string[]
}

/** ls: what a selection chooses. */
export function addListCommand(dbt: Command): void {
  addSelectOptions(dbt.command("ls").alias("list").description("list what a selection chooses"))
    .addOption(
      new Option("--output <form>", "what to print of each")
        .choices(["name", "selector", "path", "json"])
        .default("selector"),
    )
    .option("--output-keys <keys...>", "what of each to print as JSON")
    .action((_: object, self: Command) =>
      guarded(async () => {
        const options = optionsOf<ListOptions>(self)
        const invocation = openInvocation(options, "list")
        const { project, console, targetFolder } = invocation
        const selected = selectedIds(invocation, options, LISTED)
        // After the selection, which may compare with what is there.
        writeManifest(project, targetFolder)
        if (selected.size === 0) console.warn("No nodes selected!", "NoNodesSelected")
        const lines = [...selected].flatMap((id) => {
          const node = find(project.manifest, id)
          return node ? [listed(node, options)] : []
        })
        for (const line of lines.sort()) console.print(line)
      }),
    )
}

function find(manifest: Manifest, id: string): GraphNode | undefined {
  return (
    manifest.nodes.get(id) ??
    manifest.sources.get(id) ??
    manifest.exposures.get(id) ??
    manifest.unitTests.get(id) ??
    manifest.metrics.get(id) ??
    manifest.semanticModels.get(id) ??
    manifest.savedQueries.get(id)
  )
}

function listed(node: GraphNode, { output, outputKeys }: ListOptions): string {
  switch (output) {
    case "name":
      return node.resource_type === "source" ? `${node.source_name}.${node.name}` : node.name
    case "path":
      return node.original_file_path
    case "json": {
      const keys = outputKeys?.flatMap((text) => text.split(/[\s,]+/)) ?? KEYS
      const fields = node as unknown as Record<string, unknown>
      return JSON.stringify(Object.fromEntries(keys.flatMap((key) => (key in fields ? [[key, fields[key]]] : []))))
    }
    default:
      return selectorOf(node)
  }
}

/** What selects the node alone. */
function selectorOf(node: GraphNode): string {
  switch (node.resource_type) {
    case "source":
      return `source:${node.package_name}.${node.source_name}.${node.name}`
    case "exposure":
    case "metric":
    case "semantic_model":
    case "saved_query":
    case "unit_test":
      return `${node.resource_type}:${node.package_name}.${node.name}`
    default:
      return node.fqn.join(".")
  }
}
