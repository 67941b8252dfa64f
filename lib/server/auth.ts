import { AppError } from "#lib/domain/errors.ts"
import type { Config } from "./config.ts"

/**
 * What a route may ask for. `public` is for probes and documentation, which say nothing about anyone's data, and for
 * callbacks, whose address is the permission.
 */
export const PERMISSIONS = [
  "public",
  "overview.read",
  "pipelines.read",
  "pipelines.operate",
  "code.read",
  "runs.read",
  "runs.operate",
  "runs.approve",
  "logs.read",
  "datasets.read",
  "rows.read",
  "quality.read",
  "quality.operate",
  "freshness.read",
  "incidents.read",
  "incidents.operate",
  "alerts.read",
  "alerts.manage",
  "metrics.read",
  "backfills.read",
  "backfills.operate",
  "pools.operate",
  "system.read",
  "webhooks.read",
  "webhooks.manage",
] as const
export type Permission = (typeof PERMISSIONS)[number]

/** Who acts; the name goes into the history of what was done. */
export interface Actor {
  name: string
}

const LOCAL_OWNER: Actor = { name: "local owner" }
const ANONYMOUS: Actor = { name: "anonymous" }
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"])

/**
 * The one door: every request of the API passes here with the permission its route declares; `undefined`, a route that
 * declares none, is refused. There are no accounts yet: whoever reaches the loopback address owns the machine and may do
 * everything, so what must be kept out are other web pages in that person's browser. Those come with a foreign Host
 * (DNS rebinding) or as cross-site requests (OWASP, "Cross-Site Request Forgery Prevention": fetch metadata and origin).
 *
 * @throws AppError `auth.required`, `auth.forbidden`.
 */
export function authorize(
  request: Pick<Request, "method" | "url" | "headers">,
  permission: Permission | undefined,
  config: Pick<Config, "host">,
): Actor {
  if (permission === undefined) throw forbidden("This address declares no permission, so nobody may use it.")
  if (permission === "public") return ANONYMOUS
  if (!isLoopback(config.host)) {
    throw new AppError(
      "auth.required",
      "Headrace has no accounts yet and answers on the loopback address only; set HEADRACE_HOST=127.0.0.1 and reach it through a tunnel.",
    )
  }
  const host = request.headers.get("host") ?? new URL(request.url).host
  if (!isLoopback(hostnameOf(host))) {
    throw forbidden(`Headrace does not answer as "${host.slice(0, 100)}"; open it as localhost or 127.0.0.1.`)
  }
  if (!SAFE_METHODS.has(request.method) && !isSameOrigin(request.headers, host)) {
    throw forbidden("This request comes from another web page; act in Headrace's own console or through its CLI.")
  }
  return LOCAL_OWNER
}

/** True for names and addresses that only this machine reaches. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[|\]$/g, "")
  return name === "localhost" || name.endsWith(".localhost") || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name)
}

/** Browsers send Sec-Fetch-Site or Origin with every unsafe request; programs such as the CLI send neither. */
function isSameOrigin(headers: Headers, host: string): boolean {
  const site = headers.get("sec-fetch-site")
  // `same-site` is not enough: any other port of localhost is the same site.
  if (site !== null && site !== "same-origin" && site !== "none") return false
  const origin = headers.get("origin")
  return origin === null || (URL.canParse(origin) && new URL(origin).host === host.toLowerCase())
}

function hostnameOf(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ""
}

function forbidden(message: string): AppError {
  return new AppError("auth.forbidden", message)
}
