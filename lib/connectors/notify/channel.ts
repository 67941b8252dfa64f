import { AppError } from "#lib/domain/errors.ts"

/** Where a channel's messages go; everything secret stays in `url` and `smtp`. */
export type Channel =
  | { kind: "console"; target: string }
  | { kind: "slack"; target: string; url: string }
  | { kind: "teams"; target: string; url: string }
  /** `secret` signs what is sent. */
  | { kind: "webhook"; target: string; url: string; secret: string | null }
  /** Events API v2: `url` is its endpoint. */
  | { kind: "pagerduty"; target: string; url: string; key: string }
  /** Alert API: `url` is the origin of the region. */
  | { kind: "opsgenie"; target: string; url: string; key: string }
  | { kind: "email"; target: string; smtp: SmtpSettings }

export interface SmtpSettings {
  host: string
  port: number
  /** TLS from the first byte; otherwise STARTTLS where the server offers it. */
  isTls: boolean
  auth: { user: string; pass: string } | null
  from: string
  to: string[]
}

const PAGERDUTY = "https://events.pagerduty.com/v2/enqueue"
const OPSGENIE = "https://api.opsgenie.com"
/** By which a channel that is reached over HTTP names what it speaks. */
const SPEAKS = /^(slack|teams|pagerduty|opsgenie)\+(https?:)$/

/**
 * Reads the URL of `HEADRACE_NOTIFY_<NAME>`: `https://hooks.slack.com/…` (or `slack+https://…` for a host that speaks the
 * same), `teams+https://…`, `pagerduty://<routing key>`, `opsgenie://<API key>` (`opsgenie+https://<key>@api.eu.opsgenie.com`
 * for another region), `https://…` for a webhook (`https://:whsec_…@host/…` for one that is signed),
 * `smtp://user:password@host:port?from=a@b.c&to=d@e.f,g@h.i` (`smtps://` for TLS) or `console:`. No URL is `console`: kept and
 * shown in Headrace alone.
 *
 * @throws AppError `notify.failed` naming the variable and what is wrong with it, never its value.
 */
export function parseChannel(name: string, text: string | null): Channel {
  if (text === null || text.startsWith("console:")) return { kind: "console", target: "console" }
  if (!URL.canParse(text)) throw badChannel(name, "is no URL")
  const url = new URL(text)
  const [, kind, scheme] = SPEAKS.exec(url.protocol) ?? []
  if (kind) return readHttp(name, kind, new URL(text.replace(url.protocol, scheme!)))
  switch (url.protocol) {
    case "pagerduty:":
      return withKey(name, "pagerduty", url.host, PAGERDUTY)
    case "opsgenie:":
      return withKey(name, "opsgenie", url.host, OPSGENIE)
    case "https:":
    case "http:":
      return readHttp(name, url.hostname === "hooks.slack.com" ? "slack" : "webhook", url)
    case "smtp:":
    case "smtps:":
      return readSmtp(name, url)
    default:
      throw badChannel(
        name,
        `begins with ${url.protocol}, but https:, smtp:, smtps:, pagerduty:, opsgenie:, teams+https: or console: is known`,
      )
  }
}

function readHttp(name: string, kind: string, url: URL): Channel {
  const target = url.host
  if (kind === "slack" || kind === "teams") return { kind, target, url: url.href }
  if (kind === "webhook") {
    const password = decodeURIComponent(url.password)
    const isSigned = url.username === "" && password.startsWith("whsec_")
    if (isSigned) url.password = ""
    return { kind, target, url: url.href, secret: isSigned ? password : null }
  }
  const key = decodeURIComponent(url.username)
  url.username = ""
  return kind === "pagerduty" ? withKey(name, kind, key, url.href) : withKey(name, "opsgenie", key, url.origin)
}

function withKey(name: string, kind: "pagerduty" | "opsgenie", key: string, url: string): Channel {
  if (!/^[\w-]{8,100}$/.test(key)) throw badChannel(name, `has no key for ${kind}`)
  return { kind, target: new URL(url).host, url, key }
}

function readSmtp(name: string, url: URL): Channel {
  const to = (url.searchParams.get("to") ?? "").split(",").map((address) => address.trim())
  const from = url.searchParams.get("from") ?? "headrace@localhost"
  if (!url.hostname) throw badChannel(name, "names no mail server")
  if (to.some((address) => !isAddress(address))) throw badChannel(name, "needs ?to= with mail addresses")
  if (!isAddress(from)) throw badChannel(name, "has a from= that is no mail address")
  const isTls = url.protocol === "smtps:"
  const auth = url.username ? { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } : null
  const port = Number(url.port) || (isTls ? 465 : 587)
  return { kind: "email", target: to.join(", "), smtp: { host: url.hostname, port, isTls, auth, from, to } }
}

function isAddress(text: string): boolean {
  return /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/.test(text)
}

function badChannel(name: string, what: string): AppError {
  const message = `HEADRACE_NOTIFY_${name.toUpperCase()} ${what}; correct it.`
  return new AppError("notify.failed", message, { kind: "config" })
}
