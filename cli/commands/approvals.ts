import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import { runDetailSchema } from "#lib/contracts/api/runs.ts"
import { approvalReceiptSchema, type OpenWait, openWaitSchema } from "#lib/contracts/api/waits.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { instantText, plain, table } from "../output.ts"
import { runId } from "./runs.ts"

/** approvals, approve, waits. */
export function addApprovalCommands(program: Command, signal: AbortSignal): void {
  program
    .command("approvals")
    .description("list what waits for a person's approval, oldest first")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/waits", pageOf(openWaitSchema), { kind: "approval", limit: 500 })
      output.result(page, () => approvalsTable(page.items))
    })

  program
    .command("approve <run> <task>")
    .description("approve (or reject) what a task of a run asks")
    .option("--reject", "reject it")
    .option("--comment <text>", "kept with the answer", "")
    .action(async (id: string, task: string, options: { reject?: boolean; comment: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const run = await client.get(`/runs/${runId(id)}`, runDetailSchema)
      const taskRun = run.taskRuns.find((one) => one.taskId === task)
      if (!taskRun) throw new CliError(`Run ${run.id} has no task ${plain(task)}.`, EXIT.failed)
      const receipt = await client.post(`/approvals/${taskRun.id}`, approvalReceiptSchema, {
        decision: options.reject ? "reject" : "approve",
        comment: options.comment,
      })
      output.result(receipt, () => `Task ${receipt.taskId} of run ${receipt.runId} is ${receipt.decision}.`)
    })

  program
    .command("waits")
    .description("list what deferred tasks wait for, oldest first")
    .option("--kind <kinds>", "comma-separated: time, poll, dataset, callback, approval, run")
    .option("--limit <number>", "at most so many", "50")
    .action(async (options: { kind?: string; limit: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/waits", pageOf(openWaitSchema), options)
      output.result(page, () =>
        table(
          ["RUN", "PIPELINE", "TASK", "SINCE", "ENDS", "LOOKS", "WAITS FOR"],
          page.items.map((wait) => [
            ...placeOf(wait),
            instantText(wait.expiresAt),
            wait.kind === "poll" ? String(wait.polls) : "–",
            wait.text,
          ]),
          "Nothing waits.",
        ),
      )
    })
}

function approvalsTable(waits: readonly OpenWait[]): string {
  return table(
    ["RUN", "PIPELINE", "TASK", "SINCE", "ENDS", "ASKED", "QUESTION"],
    waits.map((wait) => [
      ...placeOf(wait),
      instantText(wait.expiresAt),
      wait.approval?.approvers.join(", ") || "anybody",
      wait.approval?.title ?? wait.text,
    ]),
    "Nothing waits for an approval.",
  )
}

function placeOf(wait: OpenWait): string[] {
  return [wait.runId, wait.pipelineId, wait.taskId, instantText(wait.since)]
}
