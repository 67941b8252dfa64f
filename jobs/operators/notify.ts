import { type Channel, parseChannel } from "#lib/connectors/notify/channel.ts"
import { deliver } from "#lib/connectors/notify/deliver.ts"
import { renderMessage } from "#lib/connectors/notify/render-message.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import { type NotifyOptions, notifyOptionsSchema } from "#lib/contracts/operators/notify.ts"
import type { NotificationRecord, TaskResultInput } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import { defineOperator, type OperatorContext } from "./operator.ts"

/**
 * `notify`: a message to a channel. It is recorded with where it went (never with the channel's secrets) and what became
 * of it, also when the delivery fails. A message may come twice when a worker dies between sending and recording.
 */
export const notifyOperator = defineOperator({
  name: "notify",
  options: notifyOptionsSchema,
  async run(context): Promise<TaskResultInput> {
    const { options, connections, signal, log } = context
    const channel = parseChannel(options.channel, connections.notifyUrl(options.channel))
    const view = viewOf(context)
    const subject = subjectFor(channel, renderMessage(options.subject, view, channel.kind))
    const text = renderMessage(options.text, view, channel.kind)
    const record: NotificationRecord = {
      channel: channel.kind,
      target: channel.target,
      subject,
      state: "sent",
      tries: context.attemptNumber,
      error: null,
    }
    try {
      await deliver(channel, { subject, text, context: contextOf(context) }, signal)
    } catch (error) {
      throw withRecord(error, record)
    }
    log("info", channel.kind === "console" ? `${subject}: ${text}` : `Sent to ${channel.target}: ${subject}`)
    return { outputs: { channel: channel.kind }, notifications: [record] }
  },
})

/** What templates may name. */
function viewOf(context: OperatorContext<NotifyOptions>): JsonObject {
  const { params, ...run } = context.run
  return { ...run, taskId: context.task.id, attempt: context.attemptNumber, params, values: context.options.values }
}

function contextOf({ run, task }: OperatorContext<NotifyOptions>): Record<string, string | null> {
  const { pipelineId, runId, logicalAt, intervalStart, intervalEnd, partitionKey } = run
  return { pipelineId, runId, taskId: task.id, logicalAt, intervalStart, intervalEnd, partitionKey }
}

/** A mail refuses a line break, which could smuggle in a header; elsewhere it only looks odd. */
function subjectFor(channel: Channel, subject: string): string {
  return channel.kind === "email" ? subject : subject.replace(/\s+/g, " ").trim()
}

/** The failed delivery is recorded too: the executor stores `details.taskResult`. */
function withRecord(error: unknown, record: NotificationRecord): unknown {
  if (!(error instanceof AppError) || error.code !== "notify.failed") return error
  const subject = record.subject.replace(/\s+/g, " ")
  const failed: NotificationRecord = { ...record, subject, state: "failed", error: error.message }
  return new AppError(error.code, error.message, {
    kind: error.kind,
    retry: error.retry,
    details: { taskResult: { notifications: [failed] } },
    cause: error,
  })
}
