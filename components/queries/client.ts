import type { Problem } from "#lib/contracts/api/common.ts"

type Query = Record<string, string | number | boolean | null | undefined>

/**
 * A refused or failed request. `message` says what happened and what to do next, in words that may be shown; `code` is the
 * server's stable name for it (`run.not_found`), or `network` when no answer came.
 */
export class ApiError extends Error {
  override readonly name = "ApiError"
  readonly code: string
  readonly status: number
  readonly issues: NonNullable<Problem["issues"]>

  constructor(message: string, code: string, status: number, issues: NonNullable<Problem["issues"]> = []) {
    super(message)
    this.code = code
    this.status = status
    this.issues = issues
  }
}

/** Reads `/api/v1{path}`; the shape is the contract's, which the server has checked. Throws {@link ApiError}. */
export function getJson<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return request<T>("GET", withQuery(path, query), undefined, signal)
}

/** Sends a command. Every POST carries an idempotency key, so that a repeated click or retry acts once. */
export function sendJson<T>(
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body: unknown = {},
  signal?: AbortSignal,
): Promise<T> {
  return request<T>(method, `/api/v1${path}`, body, signal)
}

/** The address of a route with its query; entries without a value are left out. */
export function withQuery(path: string, query: Query): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "")
  const search = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString()
  return `/api/v1${path}${search ? `?${search}` : ""}`
}

/** What to tell a person about anything a query or a mutation threw. */
export function adviceFor(error: unknown): string {
  if (error instanceof ApiError) return error.message
  return error instanceof Error ? error.message : String(error)
}

/** True for an answer that says "there is no such thing", which is not worth a second try. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

async function request<T>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(signal ? { signal } : {}),
    ...(method === "GET" ? {} : { body: JSON.stringify(body) }),
    // A read has no headers of its own, or it would not match what `early-script.ts` has asked for already.
    headers: {
      ...(method === "GET" ? {} : { "content-type": "application/json" }),
      ...(method === "POST" ? { "idempotency-key": newKey() } : {}),
    },
  }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause
    throw new ApiError(
      "Headrace does not answer. Check that it runs (npm start) and that you are online.",
      "network",
      0,
    )
  })
  if (response.ok) return (await response.json()) as T
  throw await toApiError(response)
}

/** Reads a problem+json answer; anything else (a proxy's page) becomes one sentence with the status. */
export async function toApiError(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null
  const fallback = `The server answered ${response.status}. Try again; if it stays, look at the server's log.`
  return new ApiError(
    problem?.detail ?? problem?.title ?? fallback,
    problem?.code ?? "internal",
    response.status,
    problem?.issues ?? [],
  )
}

/** `randomUUID` exists on https and localhost only; a console on a plain-http host falls back to the older source. */
function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID()
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("")
}
