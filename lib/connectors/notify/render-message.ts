import mustache from "mustache"
import type { JsonObject } from "#lib/contracts/json.ts"
import { AppError } from "#lib/domain/errors.ts"
import type { Channel } from "./channel.ts"

/**
 * Renders a mustache template for a channel. Values are escaped for where the message goes: Slack's three control
 * characters, nothing in plain text and JSON. An unknown name gives nothing, as mustache has it.
 *
 * @throws AppError `pipeline.invalid` for a template that mustache cannot read.
 */
export function renderMessage(template: string, view: JsonObject, kind: Channel["kind"]): string {
  try {
    return mustache.render(template, view, {}, { escape: kind === "slack" ? escapeForSlack : String })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new AppError("pipeline.invalid", `A message template cannot be read: ${reason}.`, {
      kind: "config",
      cause: error,
    })
  }
}

/** Why a template cannot be used; null for one that can. */
export function templateProblem(template: string): string | null {
  try {
    mustache.parse(template)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** https://docs.slack.dev/messaging/formatting-message-text, "Escaping text". */
function escapeForSlack(value: unknown): string {
  return String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}
