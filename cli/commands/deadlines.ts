import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import { type DeadlineView, deadlineViewSchema } from "#lib/contracts/api/deadlines.ts"
import { contextOf } from "../context.ts"
import { instantText, plain, table } from "../output.ts"

/** deadlines. */
export function addDeadlineCommands(program: Command, signal: AbortSignal): void {
  program
    .command("deadlines [pipeline]")
    .description("list missed deadlines, newest first")
    .option("--run <id>", "all of one run, missed or not")
    .option("--state <states>", "comma-separated: pending, met, missed, late, dropped")
    .option("--limit <number>", "at most so many", "20")
    .action(async (pipeline: string | undefined, options: Record<string, string | undefined>, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/deadlines", pageOf(deadlineViewSchema), {
        pipelineId: pipeline,
        runId: options.run,
        state: options.state,
        limit: options.limit,
      })
      output.result(page, () => deadlinesTable(page.items))
    })
}

function deadlinesTable(deadlines: DeadlineView[]): string {
  const rows = deadlines.map((deadline) => [
    instantText(deadline.dueAt),
    deadline.pipelineId,
    deadline.runId ?? "–",
    deadline.state,
    deadline.channel === null ? "–" : `${deadline.channel}: ${deadline.delivery}`,
    plain(deadline.message ?? `${deadline.taskId === null ? "" : `${deadline.taskId} `}${deadline.text}`),
  ])
  return table(["DUE", "PIPELINE", "RUN", "STATE", "ALERT", "WHAT"], rows, "No deadline was missed.")
}
