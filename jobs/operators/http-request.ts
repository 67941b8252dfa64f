import type { Json } from "#lib/contracts/json.ts"
import type { HttpOptions } from "#lib/contracts/operators/http.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { Connections } from "#lib/server/connections.ts"
import type { OperatorContext } from "./operator.ts"

/** The request that options describe, with its variables filled in, as part of the attempt's trace. Objects are sent as JSON. */
export function requestOf(
  options: Pick<HttpOptions, "url" | "headers" | "body">,
  { connections, trace }: Pick<OperatorContext<unknown>, "connections" | "trace">,
) {
  const fill = (text: string) => fillVariables(text, connections)
  const own = Object.fromEntries(Object.entries(options.headers).map(([name, value]) => [name, fill(value)]))
  // So that what the receiver does hangs under this attempt.
  const isTraced = trace !== null && !Object.keys(own).some((name) => name.toLowerCase() === "traceparent")
  const headers = isTraced ? { traceparent: trace.traceparent, ...own } : own
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
export function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/s, "").replace(/\/\/[^/@]*@/, "//")
}

/** Without a wish, 200 to 299. */
export function isExpected(status: number, expected: HttpOptions["expectStatus"]): boolean {
  if (expected === undefined) return status >= 200 && status < 300
  return Array.isArray(expected) ? expected.includes(status) : expected === status
}
