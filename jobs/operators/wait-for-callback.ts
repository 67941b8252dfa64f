import { createHash, randomBytes } from "node:crypto"
import { sendRequest } from "#lib/connectors/http/send-request.ts"
import type { Json } from "#lib/contracts/json.ts"
import {
  type WaitForCallbackOptions,
  waitForCallbackOptionsSchema,
} from "#lib/contracts/operators/wait-for-callback.ts"
import type { NotificationRecord } from "#lib/contracts/task-result.ts"
import { callbackSchema } from "#lib/contracts/wait.ts"
import { AppError } from "#lib/domain/errors.ts"
import { isExpected, requestOf, withoutQuery } from "./http-request.ts"
import { defineWaitingOperator, type OperatorContext } from "./operator.ts"
import { sendNotification } from "./send-notification.ts"
import { timeoutAt } from "./timeout-at.ts"

/**
 * `waitForCallback`: until somebody posts to an address that only this task knows. The address is made known before it is
 * given away, so an answer cannot come too early; a retry makes a new one and the old one ends. Outputs: `url` while it
 * waits, then `payload`.
 */
export const waitForCallbackOperator = defineWaitingOperator({
  name: "waitForCallback",
  options: waitForCallbackOptionsSchema,
  async run(context) {
    const { options, resume, waits, log, run } = context
    const answer = callbackSchema.safeParse(resume?.response)
    if (answer.success) {
      log("info", `The callback came at ${answer.data.at}.`)
      return { outputs: { url: null, payload: answer.data.payload } }
    }
    const token = randomBytes(32).toString("base64url")
    const url = waits.urlOf(`/api/v1/callbacks/${token}`)
    const wait = {
      kind: "callback" as const,
      tokenHash: createHash("sha256").update(token).digest("hex"),
      expiresAt: timeoutAt(context, options.timeout),
      onTimeout: options.onTimeout,
      text: "Waits for a callback.",
    }
    const { attemptId, taskRunId } = context
    if (!(await waits.register({ attemptId, taskRunId, runId: run.runId, wait }))) {
      throw new AppError("attempt.superseded", "Another attempt has taken over.", { kind: "infrastructure" })
    }
    log("info", `Waits for POST ${url}`)
    const notifications = await announce(context, url)
    return { wait, result: { outputs: { url }, notifications } }
  },
})

async function announce(context: OperatorContext<WaitForCallbackOptions>, url: string): Promise<NotificationRecord[]> {
  const { request, notify } = context.options
  if (request) await send(context, request, url)
  if (!notify) return []
  return [await sendNotification(context, { ...notify, values: { callbackUrl: url } })]
}

async function send(
  context: OperatorContext<unknown>,
  request: NonNullable<WaitForCallbackOptions["request"]>,
  url: string,
): Promise<void> {
  const { signal, log } = context
  const filled = withUrl(request as unknown as Json, url) as unknown as typeof request
  const label = `${request.method} ${withoutQuery(request.url)}`
  const answer = await sendRequest({
    ...requestOf(filled, context),
    method: request.method,
    timeoutMs: 30_000,
    maxBytes: 0,
    signal,
    label,
  })
  log("info", `${label} answered ${answer.status}.`)
  if (isExpected(answer.status, request.expectStatus)) return
  const retry = answer.status >= 500 || answer.status === 429 || answer.status === 408 ? "later" : "never"
  throw new AppError("http.status", `${label} answered ${answer.status}, so nobody knows where to call back.`, {
    kind: "external",
    retry,
  })
}

/** Puts the address in for `{{callback.url}}`. */
function withUrl(value: Json, url: string): Json {
  if (typeof value === "string") return value.replace(/\{\{\s*callback\.url\s*\}\}/g, url)
  if (Array.isArray(value)) return value.map((item) => withUrl(item, url))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withUrl(item, url)]))
}
