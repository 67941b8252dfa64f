import type { z } from "zod"
import { type Problem, problemSchema } from "#lib/contracts/api/common.ts"
import { CliError, EXIT } from "./exit-code.ts"

type Query = Record<string, string | number | boolean | undefined>

/** The server answered that it cannot do what was asked; `message` says why and what to do. */
export class RefusedError extends CliError {
  readonly problem: Problem

  constructor(problem: Problem) {
    const places = (problem.issues ?? []).map((issue) => `\n  ${issue.path}: ${issue.message}`).join("")
    super(problem.detail + places, problem.status === 503 ? EXIT.unreachable : EXIT.failed)
    this.problem = problem
  }
}

/**
 * The API as the commands call it. Answers are checked against the contracts, so that a server of another version ends in
 * one clear sentence.
 */
export class HeadraceClient {
  readonly url: string

  constructor(url: string) {
    this.url = url.replace(/\/+$/, "")
  }

  /** @throws RefusedError, CliError `unreachable`. */
  async get<Schema extends z.ZodType>(path: string, schema: Schema, query: Query = {}): Promise<z.output<Schema>> {
    return this.#json(schema, await this.#request("GET", path + queryText(query)))
  }

  /** A lost answer can be asked for again: creates carry a key under which they happen once. */
  async post<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    body: unknown = {},
    signal?: AbortSignal,
  ): Promise<z.output<Schema>> {
    const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() }
    return this.#json(
      schema,
      await this.#request("POST", path, { body: JSON.stringify(body), headers, ...(signal && { signal }) }),
    )
  }

  async patch<Schema extends z.ZodType>(path: string, schema: Schema, body: unknown): Promise<z.output<Schema>> {
    const headers = { "content-type": "application/json" }
    return this.#json(schema, await this.#request("PATCH", path, { body: JSON.stringify(body), headers }))
  }

  async delete<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return this.#json(schema, await this.#request("DELETE", path))
  }

  /** Any status is an answer here: a probe says in its body what is wrong. */
  async probe<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    return this.#json(schema, await this.#fetch("GET", path, { signal: AbortSignal.timeout(5_000) }))
  }

  /** What Prometheus reads, as text. */
  async metrics(): Promise<string> {
    return (await this.#request("GET", "/api/metrics", {}, "")).text()
  }

  /** Server-sent events until the server ends them. A broken connection is opened again after the last event's id. */
  async *events(path: string, signal: AbortSignal): AsyncGenerator<{ event: string; data: unknown }> {
    let lastId: string | undefined
    for (let failures = 0; !signal.aborted; ) {
      try {
        const response = await this.#request("GET", path, {
          signal,
          headers: { accept: "text/event-stream", ...(lastId ? { "last-event-id": lastId } : {}) },
        })
        failures = 0
        for await (const message of readEvents(response)) {
          lastId = message.id ?? lastId
          yield message
          if (message.event === "end") return
        }
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof RefusedError || ++failures > 5) throw error
        await new Promise((resolve) => setTimeout(resolve, 500 * failures))
      }
    }
  }

  async #json<Schema extends z.ZodType>(schema: Schema, response: Response): Promise<z.output<Schema>> {
    const parsed = schema.safeParse(await response.json().catch(() => undefined))
    if (parsed.success) return parsed.data
    const place = parsed.error.issues[0]?.path.join(".") ?? ""
    throw new CliError(
      `${this.url} answered something else than this version of the CLI expects (${place}); use the CLI of its version.`,
      EXIT.failed,
    )
  }

  async #request(method: string, path: string, init: RequestInit = {}, base = "/api/v1"): Promise<Response> {
    const response = await this.#fetch(method, path, init, base)
    if (response.ok) return response
    const problem = problemSchema.safeParse(await response.json().catch(() => undefined))
    if (problem.success) throw new RefusedError(problem.data)
    throw new CliError(
      `${this.url} answered ${response.status}; is it Headrace? Give its address with --url.`,
      EXIT.failed,
    )
  }

  async #fetch(method: string, path: string, init: RequestInit = {}, base = "/api/v1"): Promise<Response> {
    try {
      return await fetch(`${this.url}${base}${path}`, { ...init, method })
    } catch (error) {
      if (
        init.signal?.aborted &&
        !(init.signal.reason instanceof DOMException && init.signal.reason.name === "TimeoutError")
      )
        throw error
      throw new CliError(
        `Headrace does not answer at ${this.url}; start it with npm start, or give its address with --url.`,
        EXIT.unreachable,
      )
    }
  }
}

function queryText(query: Query): string {
  const entries = Object.entries(query).filter((entry) => entry[1] !== undefined)
  if (entries.length === 0) return ""
  return `?${new URLSearchParams(entries.map(([key, value]) => [key, String(value)]))}`
}

async function* readEvents(response: Response): AsyncGenerator<{ event: string; data: unknown; id?: string }> {
  if (!response.body) return
  let text = ""
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = text.slice(0, end).split("\n")
      text = text.slice(end + 2)
      const field = (name: string) => fields.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const data = field("data")
      const id = field("id")
      if (data !== undefined) {
        yield { event: field("event") ?? "message", data: JSON.parse(data), ...(id === undefined ? {} : { id }) }
      }
    }
  }
}
