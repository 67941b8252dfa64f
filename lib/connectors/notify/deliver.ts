import nodemailer from "nodemailer"
import { assertNever } from "#lib/domain/assert-never.ts"
import { AppError } from "#lib/domain/errors.ts"
import { sendRequest } from "../http/send-request.ts"
import type { Channel, SmtpSettings } from "./channel.ts"

/** A message as its channel takes it: already escaped for it. `context` goes along to webhooks. */
export interface Message {
  subject: string
  text: string
  context: Record<string, string | null>
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
      return post(channel, { text: `*${message.subject}*\n${message.text}`.trim() }, signal)
    case "webhook":
      return post(channel, { subject: message.subject, text: message.text, ...message.context }, signal)
    case "email":
      return mail(channel.smtp, message, signal)
    default:
      return assertNever(channel)
  }
}

async function post(channel: { url: string; target: string }, body: object, signal: AbortSignal): Promise<void> {
  const answer = await sendRequest({
    url: channel.url,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    timeoutMs: TIMEOUT_MS,
    maxBytes: 0,
    signal,
    label: channel.target,
  }).catch((error: unknown) => {
    throw error instanceof AppError && error.code === "http.failed" ? failed(error.message, error.retry, error) : error
  })
  if (answer.status >= 200 && answer.status < 300) return
  const isPassing = answer.status >= 500 || answer.status === 429 || answer.status === 408
  throw failed(`${channel.target} answered ${answer.status}.`, isPassing ? "later" : "never")
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
    await transport.sendMail({ from: smtp.from, to: smtp.to, subject: message.subject, text: message.text })
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
