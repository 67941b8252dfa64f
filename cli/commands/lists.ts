import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import { datasetSummarySchema } from "#lib/contracts/api/datasets.ts"
import { contextOf } from "../context.ts"
import { instantText, table } from "../output.ts"

/** datasets. */
export function addListCommands(program: Command, signal: AbortSignal): void {
  program
    .command("datasets")
    .description("list datasets with their quality scores")
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
        ])
        return table(["DATASET", "ROWS", "SCORE", "FAILING CHECKS", "UPDATED"], rows, "No datasets yet.")
      })
    })
}
