import { type HttpAnswer, sendRequest } from "#lib/connectors/http/send-request.ts"
import type { Json } from "#lib/contracts/json.ts"
import { type HttpOptions, httpOptionsSchema } from "#lib/contracts/operators/http.ts"
import type { TaskResultInput } from "#lib/contracts/task-result.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { Connections } from "#lib/server/connections.ts"
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
    const { options, connections, signal, log } = context
    const started = performance.now()
    const label = `${options.method} ${withoutQuery(options.url)}`
    const answer = await sendRequest({
      ...requestOf(options, connections),
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

function requestOf(options: HttpOptions, connections: Connections) {
  const fill = (text: string) => fillVariables(text, connections)
  const headers = Object.fromEntries(Object.entries(options.headers).map(([name, value]) => [name, fill(value)]))
  const { body } = options
  if (body === undefined || body === null) return { url: fill(options.url), headers, body: null }
  if (typeof body === "string") return { url: fill(options.url), headers, body: fill(body) }
  const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === "content-type")
  return {
    url: fill(options.url),
    headers: isTyped ? headers : { "content-type": "application/json", ...headers },
    body: JSON.stringify(fillJson(body, fill)),
  }
}

/** Replaces `{{env.NAME}}` by the value of `HEADRACE_ENV_NAME`. */
function fillVariables(text: string, connections: Connections): string {
  return text.replace(/\{\{\s*env\.(\w+)\s*\}\}/g, (_match, name: string) => {
    const value = connections.variable(name)
    if (value !== null) return value
    const message = `HEADRACE_ENV_${name.toUpperCase()} is not set; set it for the workers or take {{env.${name}}} out.`
    throw new AppError("pipeline.invalid", message, { kind: "config" })
  })
}

function fillJson(value: Json, fill: (text: string) => string): Json {
  if (typeof value === "string") return fill(value)
  if (Array.isArray(value)) return value.map((item) => fillJson(item, fill))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillJson(item, fill)]))
}

/** For people: queries often carry keys. Variables are shown by name. */
function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "").replace(/\/\/[^/@]*@/, "//")
}

function isExpected(status: number, expected: HttpOptions["expectStatus"]): boolean {
  if (expected === undefined) return status >= 200 && status < 300
  return Array.isArray(expected) ? expected.includes(status) : expected === status
}

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
