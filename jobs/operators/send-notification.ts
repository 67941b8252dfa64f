import { type Channel, parseChannel } from "#lib/connectors/notify/channel.ts"
import { deliver } from "#lib/connectors/notify/deliver.ts"
import { renderMessage } from "#lib/connectors/notify/render-message.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { NotifyOptions } from "#lib/contracts/operators/notify.ts"
import type { NotificationRecord } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { OperatorContext } from "./operator.ts"

/**
 * Sends a message of a task to a channel and gives the record of it. Subject and text are templates over the run and
 * `values`. @throws AppError `notify.failed`, with the record of the failed delivery for the executor to store.
 */
export async function sendNotification(
  context: OperatorContext<unknown>,
  message: NotifyOptions,
): Promise<NotificationRecord> {
  const { connections, signal, log } = context
  const channel = parseChannel(message.channel, connections.notifyUrl(message.channel))
  const view = viewOf(context, message.values)
  const subject = subjectFor(channel, renderMessage(message.subject, view, channel.kind))
  const text = renderMessage(message.text, view, channel.kind)
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
  return record
}

/** What templates may name. */
function viewOf(context: OperatorContext<unknown>, values: JsonObject): JsonObject {
  const { params, ...run } = context.run
  return { ...run, taskId: context.task.id, attempt: context.attemptNumber, params, values }
}

function contextOf({ run, task }: OperatorContext<unknown>): Record<string, string | null> {
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
