import { sendRequest } from "#lib/connectors/http/send-request.ts"
import type { Json } from "#lib/contracts/json.ts"
import { type HttpSensorOptions, httpSensorOptionsSchema } from "#lib/contracts/operators/http-sensor.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { AppError } from "#lib/domain/errors.ts"
import { isExpected, requestOf, withoutQuery } from "./http-request.ts"
import { type Look, lookAgain } from "./look-again.ts"
import { defineWaitingOperator, type OperatorContext } from "./operator.ts"

const MAX_BODY_BYTES = 1024 * 1024
/** Answers that say that the request is wrong; the same request again cannot mend that. */
const HOPELESS = [400, 401, 403, 405, 406, 411, 413, 414, 415, 422, 431]

/** `httpSensor`: waits until a request is answered as wished. 404 and server errors mean not yet. */
export const httpSensorOperator = defineWaitingOperator({
  name: "httpSensor",
  options: httpSensorOptionsSchema,
  run: (context) => lookAgain(context, `${labelOf(context.options)} answers as wished`, () => look(context)),
})

function labelOf({ method, url }: HttpSensorOptions): string {
  return `${method} ${withoutQuery(url)}`
}

async function look(context: OperatorContext<HttpSensorOptions>): Promise<Look> {
  const { options, signal } = context
  const label = labelOf(options)
  const answer = await sendRequest({
    ...requestOf(options, context),
    method: options.method,
    timeoutMs: parseDuration(options.requestTimeout) ?? 30_000,
    maxBytes: MAX_BODY_BYTES,
    signal,
    label,
  })
  const { status } = answer
  if (!isExpected(status, options.expectStatus)) {
    if (!HOPELESS.includes(status)) return { kind: "not_yet", why: `answered ${status}` }
    const message = `${label} answered ${status}; correct the request or name the status in expectStatus.`
    throw new AppError("http.status", message, { kind: "external", details: { status } })
  }
  if (!options.json) return { kind: "there", result: { outputs: { status } } }
  const found = valueAt(answer.body.toString("utf8"), options.json.path)
  if (found === options.json.equals) return { kind: "there", result: { outputs: { status } } }
  return { kind: "not_yet", why: `${options.json.path.join(".") || "the answer"} is ${shown(found)}` }
}

function valueAt(text: string, path: readonly (string | number)[]): Json | undefined {
  let value: Json | undefined
  try {
    value = JSON.parse(text) as Json
  } catch {
    return undefined
  }
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, Json>)[part]
  }
  return value
}

function shown(value: Json | undefined): string {
  return value === undefined ? "not there" : JSON.stringify(value).slice(0, 100)
}
