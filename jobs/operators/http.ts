import { type HttpAnswer, sendRequest } from "#lib/connectors/http/send-request.ts"
import type { Json } from "#lib/contracts/json.ts"
import { httpOptionsSchema } from "#lib/contracts/operators/http.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { AppError } from "#lib/domain/errors.ts"
import { isExpected, requestOf, withoutQuery } from "./http-request.ts"
import { defineOperator } from "./operator.ts"
import { secondsSince } from "./task-session.ts"

/** All outputs of a task together may take 256 kB as JSON; what is left is for the others. */
const MAX_BODY_BYTES = 240 * 1024
const MAX_JSON_BYTES = 250 * 1024

/**
 * `http`: one request. Outputs: `status`, `contentType` and, with `save`, `body` (its value where it is JSON, else text)
 * and `truncated`. Server errors, 408, 429, time outs and network trouble are worth another try; other answers are not.
 * A request that changes something should carry a key that its receiver recognises: a retry sends it again.
 */
export const httpOperator = defineOperator({
  name: "http",
  options: httpOptionsSchema,
  async run(context): Promise<TaskResultInput> {
    const { options, signal, log } = context
    const started = performance.now()
    const label = `${options.method} ${withoutQuery(options.url)}`
    const answer = await sendRequest({
      ...requestOf(options, context),
      method: options.method,
      timeoutMs: parseDuration(options.timeout) ?? 30_000,
      maxBytes: MAX_BODY_BYTES,
      signal,
      label,
    })
    log("info", `${label} answered ${answer.status} in ${secondsSince(started)} s.`)
    if (!isExpected(answer.status, options.expectStatus)) throw unexpected(label, answer)
    const saved: { body?: Json; truncated?: boolean } = options.save ? savedBody(answer) : {}
    if (saved.truncated) log("warn", `The answer is longer than ${MAX_BODY_BYTES / 1024} kB; its end was left out.`)
    return {
      outputs: { status: answer.status, contentType: answer.headers["content-type"] ?? null, ...saved },
      metrics: { status: answer.status, bytes: answer.body.length, durationSeconds: secondsSince(started) },
    }
  },
})

function unexpected(label: string, { status }: HttpAnswer): AppError {
  const isPassing = status >= 500 || status === 429 || status === 408
  const advice = isPassing ? "it is worth another try" : "correct the request or name the status in expectStatus"
  return new AppError("http.status", `${label} answered ${status}; ${advice}.`, {
    kind: "external",
    retry: isPassing ? "later" : "never",
    details: { status },
  })
}

function savedBody(answer: HttpAnswer): { body: Json; truncated: boolean } {
  const text = answer.body.toString("utf8")
  const value = answer.isTruncated ? text : parsed(text, answer.headers["content-type"])
  if (Buffer.byteLength(JSON.stringify(value)) <= MAX_JSON_BYTES) return { body: value, truncated: answer.isTruncated }
  // Escapes can make text several times as long in JSON; six bytes for one is the worst.
  return { body: text.slice(0, MAX_BODY_BYTES / 6), truncated: true }
}

function parsed(text: string, contentType: string | undefined): Json {
  if (!/[/+]json\b/.test(contentType ?? "")) return text
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
