import { randomUUID } from "node:crypto"
import { OpenAPIHono, z } from "@hono/zod-openapi"
import type { Context } from "hono"
import { matchedRoutes } from "hono/route"
import type pg from "pg"
import type { JsonObject } from "#lib/contracts/json.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { Store } from "#lib/store/client.ts"
import { type Actor, authorize, type Permission } from "../auth.ts"
import type { Config } from "../config.ts"
import type { LiveEvents } from "../events.ts"
import { problemResponse, RequestError, toProblem } from "../http.ts"
import { answerOnce } from "../idempotency.ts"
import { readBody } from "./read-body.ts"
import { Problem } from "./schemas.ts"

export const API_BASE = "/api/v1"

/** What the API works with. The store is asked for per request: while the database is away, that fails and passes again. */
export interface ApiDependencies {
  config: Pick<Config, "host">
  store(): Promise<Store>
  events: LiveEvents
  /** For rows that people look at; everything else about data is in the store. */
  warehouse(): Promise<pg.Pool>
  /** Tests check each answer against its contract; in production that would cost a second serialisation. */
  checksAnswers?: boolean
}

export type Method = "get" | "post" | "patch" | "delete"

interface RouteBase {
  method: Method
  /** With `{name}` for path parameters. */
  path: string
  permission: Permission
  tag: string
  summary: string
  description?: string
}

/** A route that answers JSON. */
export interface JsonRoute<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> extends RouteBase {
  params?: Params
  query?: Query
  body?: Body
  answer: Answer
  /** Set: where it says that the request creates something, the status is 201 and an Idempotency-Key is obeyed. */
  creates?: (body: z.output<Body>) => boolean
}

/** A route that answers with a response of its own making: streams, files, probes. */
export interface RawRoute<Params extends z.ZodObject, Query extends z.ZodObject> extends RouteBase {
  params?: Params
  query?: Query
  /** Media type of a good answer. */
  mediaType: string
  answer?: z.ZodType
}

/** What a handler works with: parsed, validated, and with who asks. */
export interface Call<Params, Query, Body> {
  params: Params
  query: Query
  body: Body
  actor: Actor
  store: Store
  /** When the request was first seen: stays the same for all repetitions under one Idempotency-Key. */
  now: Date
  /** Aborts when whoever asked no longer waits. */
  signal: AbortSignal
}

export interface RawCall<Params, Query> {
  params: Params
  query: Query
  request: Request
}

/** One entry of the route table. */
export interface RouteEntry {
  method: string
  path: string
  permission: Permission
}

type Environment = { Variables: { requestId: string; actor: Actor } }
type ApiContext = Context<Environment>

/** Not of HTTP's own: what servers write into their logs for a request that was given up. */
const CLIENT_GONE = 499

const EMPTY = z.object({})
type Empty = typeof EMPTY

/**
 * The API as a table of routes over hono. Every request passes `authorize` with its route's permission before anything of it
 * is read; what has no entry in the table is refused, also if a handler for it was registered past this class.
 */
export class Api {
  readonly app: OpenAPIHono<Environment>
  readonly table: RouteEntry[] = []
  readonly dependencies: ApiDependencies

  constructor(dependencies: ApiDependencies) {
    this.dependencies = dependencies
    this.app = new OpenAPIHono<Environment>().basePath(API_BASE)
    this.app.use("*", async (context, next) => {
      const requestId = randomUUID()
      context.set("requestId", requestId)
      context.set("actor", this.#admit(context))
      await next()
      context.res.headers.set("x-request-id", requestId)
      context.res.headers.set("x-content-type-options", "nosniff")
      context.res.headers.set("cross-origin-resource-policy", "same-origin")
    })
    this.app.notFound((context) => this.#missing(context))
    this.app.onError((error, context) => this.#refuse(context, error))
  }

  readonly fetch = (request: Request): Response | Promise<Response> => this.app.fetch(request)

  /** Adds a route that answers JSON. */
  json<
    Answer extends z.ZodType,
    Params extends z.ZodObject = Empty,
    Query extends z.ZodObject = Empty,
    Body extends z.ZodType = Empty,
  >(
    route: JsonRoute<Params, Query, Body, Answer>,
    handle: (call: Call<z.output<Params>, z.output<Query>, z.output<Body>>) => Promise<z.input<Answer>>,
  ): void {
    this.#register(
      route,
      { status: route.creates ? 201 : 200, mediaType: "application/json", schema: route.answer },
      async (context) => {
        const params = parse(route.params, context.req.param(), "path") as z.output<Params>
        const query = parse(route.query, context.req.query(), "query") as z.output<Query>
        const given = route.method === "get" ? {} : await readBody(context.req.raw)
        const body = parse(route.body, given, "body") as z.output<Body>
        const store = await this.dependencies.store()
        const { signal } = context.req.raw
        const isCreation = route.creates?.(body) ?? false
        const status = isCreation ? 201 : 200
        const answer = async (now: Date) => {
          const value = await handle({ params, query, body, actor: context.var.actor, store, now, signal })
          return { status, body: (this.dependencies.checksAnswers ? route.answer.parse(value) : value) as JsonObject }
        }
        const key = context.req.header("idempotency-key")
        const name = `${context.req.method} ${context.req.path}`
        const { body: sent } =
          key !== undefined && isCreation
            ? await answerOnce(store.pool, { key, route: name, body: given }, answer)
            : await answer(new Date())
        return new Response(JSON.stringify(sent), {
          status,
          headers: { "content-type": "application/json", "cache-control": "no-store" },
        })
      },
    )
  }

  /** Adds a route whose handler makes the response itself. */
  raw<Params extends z.ZodObject = Empty, Query extends z.ZodObject = Empty>(
    route: RawRoute<Params, Query>,
    handle: (call: RawCall<z.output<Params>, z.output<Query>>) => Promise<Response>,
  ): void {
    this.#register(route, { status: 200, mediaType: route.mediaType, schema: route.answer }, async (context) =>
      handle({
        params: parse(route.params, context.req.param(), "path") as z.output<Params>,
        query: parse(route.query, context.req.query(), "query") as z.output<Query>,
        request: context.req.raw,
      }),
    )
  }

  #register(
    route: RouteBase & { params?: z.ZodObject; query?: z.ZodObject; body?: z.ZodType; creates?: unknown },
    answer: { status: number; mediaType: string; schema?: z.ZodType | undefined },
    handle: (context: ApiContext) => Promise<Response>,
  ): void {
    const path = route.path.replace(/\{(\w+)\}/g, ":$1")
    this.table.push({ method: route.method.toUpperCase(), path: `${API_BASE}${path}`, permission: route.permission })
    this.app.on(route.method.toUpperCase(), path, handle)
    this.app.openAPIRegistry.registerPath({
      method: route.method,
      path: route.path,
      tags: [route.tag],
      summary: route.summary,
      ...(route.description ? { description: route.description } : {}),
      operationId: operationId(route),
      "x-headrace-permission": route.permission,
      request: {
        ...(route.params ? { params: route.params } : {}),
        ...(route.query ? { query: route.query } : {}),
        ...(route.creates ? { headers: IDEMPOTENCY_HEADER } : {}),
        ...(route.body ? { body: { required: true, content: { "application/json": { schema: route.body } } } } : {}),
      },
      responses: {
        [answer.status]: {
          description: "Done.",
          content: { [answer.mediaType]: { schema: answer.schema ?? z.string() } },
        },
        default: {
          description: "Refused or failed (RFC 9457).",
          content: { "application/problem+json": { schema: Problem } },
        },
      },
    })
  }

  /** Who asks, once the route that the request matches allows it. A request that matches none goes on to `notFound`. */
  #admit(context: Context): Actor {
    // All that matched but this door itself, which is the only one for every method and path.
    const matched = matchedRoutes(context).filter(({ method, path }) => method !== "ALL" || path !== `${API_BASE}/*`)
    const isMissing = matched.length === 0
    const last = matched.at(-1)
    const entry = this.table.find((route) => route.method === last?.method && route.path === last.path)
    return authorize(context.req.raw, isMissing ? "public" : entry?.permission, this.dependencies.config)
  }

  #missing(context: ApiContext): Response {
    const { path, method } = context.req
    const allowed = [
      ...new Set(this.table.filter((route) => matchesPath(route.path, path)).map((route) => route.method)),
    ]
    if (allowed.length === 0) {
      const message = `There is nothing at ${path}; see ${API_BASE}/docs for what there is.`
      return this.#refuse(context, new AppError("request.not_found", message))
    }
    const message = `${method} does not work on ${path}; use ${allowed.join(" or ")}.`
    const response = this.#refuse(context, new AppError("request.method_not_allowed", message))
    response.headers.set("allow", allowed.join(", "))
    return response
  }

  #refuse(context: ApiContext, error: unknown): Response {
    const { signal } = context.req.raw
    // Nobody is there to read it, and nothing went wrong.
    if (signal.aborted && error === signal.reason) return new Response(null, { status: CLIENT_GONE })
    const requestId = context.var.requestId ?? randomUUID()
    return problemResponse(toProblem(error, requestId), requestId)
  }
}

const IDEMPOTENCY_HEADER = z.object({
  "Idempotency-Key": z.string().max(200).optional().openapi({
    description: "Any unique text. A repeated request with the same key and body gets the first one's answer.",
  }),
})

/** @throws RequestError with the place of each value that does not fit. */
function parse(schema: z.ZodType | undefined, value: unknown, place: "path" | "query" | "body"): unknown {
  if (!schema) return {}
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.map((issue) => ({
    path: [place, ...issue.path].join("."),
    message: issue.message,
  }))
  const first = issues[0]!
  const more = issues.length > 1 ? `, and ${issues.length - 1} more` : ""
  throw new RequestError(`The request does not fit: ${first.path}: ${first.message}${more}.`, issues)
}

function matchesPath(pattern: string, path: string): boolean {
  const wanted = pattern.split("/")
  const given = path.split("/")
  return wanted.length === given.length && wanted.every((part, index) => part.startsWith(":") || part === given[index])
}

/** `GET /runs/{id}/events` → `getRunsIdEvents`. */
function operationId({ method, path }: RouteBase): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== "")
  return method + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("")
}
