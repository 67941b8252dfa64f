import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import { pipelineDetailSchema, pipelineSummarySchema } from "#lib/contracts/api/pipelines.ts"
import { contextOf } from "../context.ts"
import { instantText, stateText, table } from "../output.ts"

/** pipelines, pause, unpause. */
export function addPipelineCommands(program: Command, signal: AbortSignal): void {
  program
    .command("pipelines")
    .description("list pipelines")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/pipelines", pageOf(pipelineSummarySchema))
      output.result(page, () => {
        const rows = page.items.map((pipeline) => [
          pipeline.id,
          pipeline.schedule?.text ?? "manual",
          pipeline.isPaused ? "paused" : instantText(pipeline.nextRunAt),
          String(pipeline.tasksTotal),
          stateText(pipeline.recentRuns.at(-1)?.state ?? "never run") +
            (pipeline.isDefined ? "" : "  (no longer in the workspace)") +
            (pipeline.problems.length > 0 ? `  (${pipeline.problems.length} problems: headrace validate)` : ""),
        ])
        return table(["PIPELINE", "SCHEDULE", "NEXT RUN", "TASKS", "LAST RUN"], rows, "No pipelines yet.")
      })
    })

  for (const [name, isPaused] of [
    ["pause", true],
    ["unpause", false],
  ] as const) {
    program
      .command(`${name} <pipeline>`)
      .description(
        isPaused ? "stop a pipeline's schedule; manual runs still work" : "let a pipeline's schedule run again",
      )
      .action(async (pipeline: string, _options: object, command: Command) => {
        const { client, output } = contextOf(command, signal)
        const path = `/pipelines/${encodeURIComponent(pipeline)}`
        const detail = await client.patch(path, pipelineDetailSchema, { isPaused })
        output.result(detail, () =>
          isPaused ? `${detail.id} is paused.` : `${detail.id} is on; next run ${instantText(detail.nextRunAt)}.`,
        )
      })
  }
}
