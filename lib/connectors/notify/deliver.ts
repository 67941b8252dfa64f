import { randomUUID } from "node:crypto"
import nodemailer from "nodemailer"
import type { JsonObject } from "#lib/contracts/json.ts"
import { assertNever } from "#lib/domain/assert-never.ts"
import { AppError } from "#lib/domain/errors.ts"
import { sendRequest } from "../http/send-request.ts"
import { signMessage } from "../webhook/sign-message.ts"
import type { AlertMessage } from "./alert-message.ts"
import type { Channel, SmtpSettings } from "./channel.ts"
import { type ChannelRequest, opsgenieRequest, pagerdutyRequest, teamsRequest } from "./incident-objects.ts"

/** A message as its channel takes it: already escaped for it. `context` goes along to webhooks. */
export interface Message {
  subject: string
  text: string
  context: JsonObject
  /** What it tells of one incident. */
  alert?: AlertMessage
  /** By which a receiver knows a repetition; without one a signed webhook has none. */
  id?: string
  /** Mails of one thread share it. */
  thread?: string
}

const TIMEOUT_MS = 15_000

/**
 * Hands a message over once; returns when the other side has taken it.
 *
 * @throws AppError `notify.failed`: to be tried again where the other side or the way to it failed, never where it refused.
 */
export async function deliver(channel: Channel, message: Message, signal: AbortSignal): Promise<void> {
  switch (channel.kind) {
    case "console":
      return
    case "slack":
      return post(channel, plainRequest(channel.url, { text: `*${message.subject}*\n${message.text}`.trim() }), signal)
    case "webhook":
      return post(channel, webhookRequest(channel, message), signal)
    case "pagerduty":
      return post(channel, pagerdutyRequest(channel, saidOf(message)), signal)
    case "opsgenie":
      return post(channel, opsgenieRequest(channel, saidOf(message)), signal)
    case "teams":
      return post(channel, teamsRequest(channel, saidOf(message)), signal)
    case "email":
      return mail(channel.smtp, message, signal)
    default:
      return assertNever(channel)
  }
}

function saidOf({ subject, text, alert = undefined }: Message) {
  return { subject, text, alert: alert ?? null }
}

function plainRequest(url: string, body: object): ChannelRequest {
  return { url, headers: {}, body }
}

/** Signed as webhooks are, where the channel has a secret. */
function webhookRequest(channel: { url: string; secret: string | null }, message: Message): ChannelRequest {
  const body = { subject: message.subject, text: message.text, ...message.context }
  if (channel.secret === null) return plainRequest(channel.url, body)
  const id = message.id ?? `msg_${randomUUID().replaceAll("-", "")}`
  const headers = signMessage(channel.secret, { id, body: JSON.stringify(body), sentAt: new Date() })
  return { url: channel.url, headers, body }
}

async function post(channel: { target: string }, request: ChannelRequest, signal: AbortSignal): Promise<void> {
  const answer = await sendRequest({
    url: request.url,
    method: "POST",
    headers: { "content-type": "application/json", ...request.headers },
    body: JSON.stringify(request.body),
    timeoutMs: TIMEOUT_MS,
    maxBytes: 0,
    signal,
    label: channel.target,
  }).catch((error: unknown) => {
    throw error instanceof AppError && error.code === "http.failed" ? failed(error.message, error.retry, error) : error
  })
  if (answer.status >= 200 && answer.status < 300) return
  const isPassing = answer.status >= 500 || answer.status === 429 || answer.status === 408
  const details = { status: answer.status }
  const retry = isPassing ? ("later" as const) : ("never" as const)
  const kind = isPassing ? "external" : "config"
  throw new AppError("notify.failed", `${channel.target} answered ${answer.status}.`, { kind, retry, details })
}

/** Plain text only, so nothing in a value can become markup; no attachments from files or URLs. */
async function mail(smtp: SmtpSettings, message: Message, signal: AbortSignal): Promise<void> {
  // The mailer would fold a line break into the next header.
  if (/[\r\n]/.test(message.subject)) throw failed("The subject of a mail must be one line.", "never")
  const transport = nodemailer.createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.isTls,
    ...(smtp.auth && { auth: smtp.auth }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const onAbort = () => transport.close()
  signal.addEventListener("abort", onAbort, { once: true })
  try {
    const thread = message.thread && `<${message.thread}@headrace>`
    await transport.sendMail({
      from: smtp.from,
      to: smtp.to,
      subject: message.subject,
      text: message.text,
      ...(message.id && { messageId: `<${message.id}@headrace>` }),
      ...(thread && { inReplyTo: thread, references: thread }),
    })
  } catch (error) {
    signal.throwIfAborted()
    throw translateMailError(error, smtp)
  } finally {
    signal.removeEventListener("abort", onAbort)
    transport.close()
  }
}

function translateMailError(error: unknown, { host, port }: SmtpSettings): AppError {
  const { code = "", responseCode } = error as { code?: string; responseCode?: number }
  const server = `Mail server ${host}:${port}`
  if (code === "EAUTH") return failed(`${server} refused the user or password.`, "never", error)
  // RFC 5321, 4.2.1: 5yz is a permanent refusal.
  if (responseCode !== undefined && responseCode >= 500) {
    return failed(`${server} refused the message (${responseCode}).`, "never", error)
  }
  if (responseCode !== undefined)
    return failed(`${server} cannot take the message now (${responseCode}).`, "later", error)
  return failed(`${server} cannot be reached (${code || "no answer"}).`, "later", error)
}

function failed(message: string, retry: "never" | "later", cause?: unknown): AppError {
  return new AppError("notify.failed", message, { kind: retry === "later" ? "external" : "config", retry, cause })
}
