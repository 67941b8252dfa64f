import { notifyOptionsSchema } from "#lib/contracts/operators/notify.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { defineOperator } from "./operator.ts"
import { sendNotification } from "./send-notification.ts"

/**
 * `notify`: a message to a channel. It is recorded with where it went (never with the channel's secrets) and what became
 * of it, also when the delivery fails. A message may come twice when a worker dies between sending and recording.
 */
export const notifyOperator = defineOperator({
  name: "notify",
  options: notifyOptionsSchema,
  async run(context): Promise<TaskResultInput> {
    const record = await sendNotification(context, context.options)
    return { outputs: { channel: record.channel }, notifications: [record] }
  },
})
