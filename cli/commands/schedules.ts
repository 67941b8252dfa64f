import type { Command } from "commander"
import { eventReceiptSchema, type NextRuns, nextRunsSchema } from "#lib/contracts/api/pipelines.ts"
import { type JsonObject, jsonObjectSchema } from "#lib/contracts/json.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { instantOption } from "../instant-option.ts"
import { instantText, table } from "../output.ts"
import { parseParams } from "../params.ts"

const collect = (value: string, before: string[]) => [...before, value]

/** next, send. */
export function addScheduleCommands(program: Command, signal: AbortSignal): void {
  program
    .command("next <pipeline>")
    .description("list what a pipeline's schedules start next")
    .option("-n, --count <number>", "how many", "10")
    .option("--from <instant>", "seen from this instant instead of now")
    .action(async (pipeline: string, options: { count: string; from?: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const next = await client.get(`/pipelines/${encodeURIComponent(pipeline)}/next-runs`, nextRunsSchema, {
        count: options.count,
        from: instantOption("--from", options.from),
      })
      output.result(next, () => nextRunsText(next))
    })

  program
    .command("send <event>")
    .description("send an event; the pipelines that wait for it run with its payload as params")
    .option("-p, --param <name=value>", "part of the payload; may be repeated", collect, [])
    .option("--payload <json>", "the payload as JSON")
    .action(async (event: string, options: { param: string[]; payload?: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const payload = { ...parsePayload(options.payload), ...parseParams(options.param, null) }
      const receipt = await client.post(`/events/${encodeURIComponent(event)}`, eventReceiptSchema, { payload })
      output.result(receipt, () =>
        receipt.pipelines
          .map((one) => (one.accepted ? `${one.pipelineId} runs.` : `${one.pipelineId} does not run: ${one.problem}`))
          .join("\n"),
      )
    })
}

function nextRunsText(next: NextRuns): string {
  const rows = next.runs.map((run) => [instantText(run.runAt), run.localTime, run.schedule, run.remarks.join(" ")])
  return [
    table(["STARTS", "LOCAL TIME", "SCHEDULE", "REMARKS"], rows, "No schedule starts it."),
    ...(next.isPaused ? [`${next.pipelineId} is paused: none of these starts until it is resumed.`] : []),
    ...next.triggers.map((trigger) => `It also runs ${trigger}.`),
  ].join("\n")
}

/** @throws CliError `usage`. */
function parsePayload(text: string | undefined): JsonObject {
  if (text === undefined) return {}
  try {
    return jsonObjectSchema.parse(JSON.parse(text))
  } catch {
    throw new CliError(`--payload is no JSON object; write '{"name": "value"}'.`, EXIT.usage)
  }
}
