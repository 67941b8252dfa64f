import { AppError } from "#lib/domain/errors.ts"

/** Where a channel's messages go; everything secret stays in `url` and `smtp`. */
export type Channel =
  | { kind: "console"; target: string }
  | { kind: "slack"; target: string; url: string }
  | { kind: "webhook"; target: string; url: string }
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

/**
 * Reads the URL of `HEADRACE_NOTIFY_<NAME>`: `https://hooks.slack.com/…` (or `slack+https://…` for a host that speaks the
 * same), `https://…` for a webhook, `smtp://user:password@host:port?from=a@b.c&to=d@e.f,g@h.i` (`smtps://` for TLS) or
 * `console:`. No URL is `console`: kept and shown in Headrace alone.
 *
 * @throws AppError `notify.failed` naming the variable and what is wrong with it, never its value.
 */
export function parseChannel(name: string, text: string | null): Channel {
  if (text === null || text.startsWith("console:")) return { kind: "console", target: "console" }
  if (!URL.canParse(text)) throw badChannel(name, "is no URL")
  const url = new URL(text)
  switch (url.protocol) {
    case "slack+https:":
    case "slack+http:": {
      const plain = text.replace(/^slack\+/, "")
      return { kind: "slack", target: new URL(plain).host, url: plain }
    }
    case "https:":
    case "http:":
      return { kind: url.hostname === "hooks.slack.com" ? "slack" : "webhook", target: url.host, url: text }
    case "smtp:":
    case "smtps:":
      return readSmtp(name, url)
    default:
      throw badChannel(name, `begins with ${url.protocol}, but https:, smtp:, smtps: or console: is known`)
  }
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
