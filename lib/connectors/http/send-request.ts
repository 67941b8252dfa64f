import { lookup } from "node:dns"
import http from "node:http"
import https from "node:https"
import { BlockList, isIP, type LookupFunction } from "node:net"
import { AppError } from "#lib/domain/errors.ts"

export interface HttpRequest {
  url: string
  method: string
  headers: Record<string, string>
  body: string | null
  timeoutMs: number
  /** Bytes of the answer that are kept; the rest is read and let go. */
  maxBytes: number
  signal: AbortSignal
  /** Stands for the URL in errors: URLs may carry secrets. */
  label: string
  /** Answers of redirects are given as they are instead of followed. */
  staysPut?: boolean
  /** Refuses loopback, private and reserved addresses too: for URLs that people give, not the workspace or the environment. */
  isPublicOnly?: boolean
}

export interface HttpAnswer {
  status: number
  headers: http.IncomingHttpHeaders
  body: Buffer
  isTruncated: boolean
}

const MAX_REDIRECTS = 5

/**
 * Sends a request and reads its answer, whatever its status. Follows redirects, unless told not to; headers that the caller gave stay behind
 * when one leads to another origin. Link-local addresses, where clouds serve credentials to whoever asks, are refused for
 * the URL, every redirect and every address that a name resolves to.
 *
 * @throws AppError `http.failed`: to be tried again after network trouble and a time out, never for a bad URL.
 */
export async function sendRequest(request: HttpRequest): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(request.timeoutMs)
  const signal = AbortSignal.any([request.signal, timeout])
  let { method, headers, body } = request
  let url = parseUrl(request.url, request)
  for (let redirects = 0; ; redirects++) {
    const answer = await exchange(url, { ...request, method, headers, body, signal }).catch((error: unknown) => {
      request.signal.throwIfAborted()
      throw timeout.aborted ? timedOut(request) : translate(error, request)
    })
    const location = REDIRECTS.has(answer.status) ? answer.headers.location : undefined
    if (location === undefined || request.staysPut) return answer
    if (redirects === MAX_REDIRECTS) throw failed(`${request.label} redirects too often.`, "never")
    const next = parseUrl(new URL(location, url).href, request)
    if (next.origin !== url.origin) headers = {}
    // RFC 9110, 15.4: 303, and by custom 301 and 302 after POST, turn into a GET.
    if (answer.status === 303 || (answer.status < 303 && method === "POST")) {
      method = method === "HEAD" ? "HEAD" : "GET"
      body = null
      headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)))
    }
    url = next
  }
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

function parseUrl(text: string, { label, isPublicOnly }: Pick<HttpRequest, "label" | "isPublicOnly">): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !["http:", "https:"].includes(url.protocol)) throw failed(`${label} is no http or https URL.`, "never")
  const host = url.hostname.replace(/^\[|\]$/g, "")
  if (isIP(host) && isForbidden(host, isPublicOnly)) throw forbidden(label, isPublicOnly)
  return url
}

const linkLocal = new BlockList()
linkLocal.addSubnet("169.254.0.0", 16, "ipv4")
linkLocal.addSubnet("fe80::", 10, "ipv6")
/** The metadata service of AWS on IPv6. */
linkLocal.addAddress("fd00:ec2::254", "ipv6")

/** Everything that is not the public internet, by the IANA registries of special-purpose addresses (RFC 6890). */
const notPublic = new BlockList()
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  notPublic.addSubnet(network, prefix, "ipv4")
}
for (const [network, prefix] of [
  ["::", 127],
  // Forms that carry an IPv4 address inside, which a router on the way may take out.
  ["64:ff9b::", 32],
  ["2001::", 32],
  ["2002::", 16],
  ["2001:db8::", 32],
  ["fc00::", 7],
  ["ff00::", 8],
] as const) {
  notPublic.addSubnet(network, prefix, "ipv6")
}

function isForbidden(address: string, isPublicOnly = false): boolean {
  const family = isIP(address) === 6 ? "ipv6" : "ipv4"
  return linkLocal.check(address, family) || (isPublicOnly && notPublic.check(address, family))
}

/** Checks what a name resolves to at the moment of connecting, so that a second look-up cannot differ. */
function guardedLookup(isPublicOnly = false): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "", 0)
      if (addresses.some(({ address }) => isForbidden(address, isPublicOnly))) {
        return callback(new ForbiddenAddress(), "", 0)
      }
      if (options.all) return callback(null, addresses as never, 0)
      callback(null, addresses[0]!.address, addresses[0]!.family)
    })
  }
}

class ForbiddenAddress extends Error {}

function exchange(url: URL, request: HttpRequest): Promise<HttpAnswer> {
  const { method, headers, body, maxBytes, signal } = request
  return new Promise((resolve, reject) => {
    const { request: open } = url.protocol === "https:" ? https : http
    // One connection a request: what is not kept open cannot break while nobody looks.
    const outgoing = open(url, {
      method,
      headers: withDefaults(headers, body),
      signal,
      agent: false,
      lookup: guardedLookup(request.isPublicOnly),
    })
    outgoing.on("error", reject)
    outgoing.on("response", (incoming) => {
      const chunks: Buffer[] = []
      let kept = 0
      let isTruncated = false
      incoming.on("data", (chunk: Buffer) => {
        const part = chunk.subarray(0, maxBytes - kept)
        kept += part.length
        isTruncated ||= part.length < chunk.length
        if (part.length > 0) chunks.push(part)
      })
      incoming.on("error", reject)
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks),
          isTruncated,
        }),
      )
    })
    outgoing.end(body ?? undefined)
  })
}

function withDefaults(headers: Record<string, string>, body: string | null): Record<string, string | number> {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  return {
    ...(given.has("user-agent") ? {} : { "user-agent": "headrace" }),
    ...(body === null ? {} : { "content-length": Buffer.byteLength(body) }),
    ...headers,
  }
}

function translate(error: unknown, { label, isPublicOnly }: HttpRequest): unknown {
  if (error instanceof AppError) return error
  if (error instanceof ForbiddenAddress) return forbidden(label, isPublicOnly)
  const { code = "", message } = error as NodeJS.ErrnoException
  if (code === "ERR_INVALID_CHAR" || code === "ERR_INVALID_HTTP_TOKEN") {
    return failed(`A header for ${label} holds a character that headers may not have.`, "never", error)
  }
  const certificate = /certificate|CERT_|TLS|SSL/i.test(`${code} ${message}`)
  const reason = certificate ? "its certificate is not trusted" : (REASONS[code] ?? "the connection failed")
  return failed(`${label} cannot be reached: ${reason}.`, "later", error)
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its host name is unknown",
  EAI_AGAIN: "its host name could not be looked up",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  ETIMEDOUT: "it did not answer in time",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its network cannot be reached",
}

function timedOut({ label, timeoutMs }: HttpRequest): AppError {
  return failed(`${label} did not answer within ${timeoutMs / 1_000} s.`, "later")
}

function forbidden(label: string, isPublicOnly = false): AppError {
  const what = isPublicOnly ? "an address that is not on the public internet" : "a link-local address"
  return failed(`${label} leads to ${what}, which requests may not go to.`, "never")
}

function failed(message: string, retry: "never" | "later", cause?: unknown): AppError {
  return new AppError("http.failed", message, { kind: retry === "later" ? "external" : "config", retry, cause })
}
