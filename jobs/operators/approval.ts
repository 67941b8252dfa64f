import { approvalOptionsSchema } from "#lib/contracts/operators/approval.ts"
import { decisionSchema } from "#lib/contracts/wait.ts"
import { AppError } from "#lib/domain/errors.ts"
import { defineWaitingOperator } from "./operator.ts"
import { sendNotification } from "./send-notification.ts"
import { timeoutAt } from "./timeout-at.ts"

/**
 * `approval`: asks people whether the run goes on, and waits for the first answer. Outputs: `decision`, `by`, `comment` and
 * `at`. A rejection fails or skips the task, as its author chose.
 */
export const approvalOperator = defineWaitingOperator({
  name: "approval",
  options: approvalOptionsSchema,
  async run(context) {
    const { options, resume, run, task, waits, log } = context
    const answer = decisionSchema.safeParse(resume?.response)
    if (answer.success) {
      const { decision, by, comment } = answer.data
      const words = `${decision === "approved" ? "Approved" : "Rejected"} by ${by}${comment ? `: ${comment}` : "."}`
      log(decision === "approved" ? "info" : "warn", words)
      const result = { outputs: answer.data }
      if (decision === "approved") return result
      if (options.onReject === "skip") return { ...result, skipped: words }
      throw new AppError("approval.rejected", words, { kind: "external", details: { taskResult: result } })
    }
    const { channel, title, text, approvers } = options
    const url = waits.urlOf(`/runs/${run.runId}?task=${encodeURIComponent(task.id)}`)
    const notifications = channel
      ? [
          await sendNotification(context, {
            channel,
            subject: "Approval wanted: {{values.title}}",
            text: "{{values.text}}\n{{values.url}}",
            values: { title, text, url },
          }),
        ]
      : []
    return {
      wait: {
        kind: "approval",
        title,
        details: text,
        approvers,
        expiresAt: timeoutAt(context, options.timeout),
        onTimeout: options.onTimeout,
        text: `Waits for approval${approvers.length > 0 ? ` by ${approvers.join(" or ")}` : ""}: ${title}`,
      },
      result: { notifications },
    }
  },
})
