import type { WebhookDeliveryView, WebhookView } from "#lib/contracts/api/webhooks.ts"
import type { StateGlyph } from "../ui/glyphs.ts"

/** How an endpoint is, in a word with its look. */
export function webhookState(webhook: WebhookView): { glyph: StateGlyph; label: string } {
  if (!webhook.isActive) return { glyph: "cancelled", label: webhook.disabledReason ? "Switched off" : "Off" }
  if (webhook.failingSince) return { glyph: "at_risk", label: "Failing" }
  return { glyph: "success", label: "On" }
}

/** How a delivery is. */
export function deliveryState(delivery: WebhookDeliveryView): { glyph: StateGlyph; label: string } {
  if (delivery.state === "delivered") return { glyph: "success", label: "Delivered" }
  if (delivery.state === "dead") return { glyph: "failed", label: "Given up" }
  return delivery.tries === 0 ? { glyph: "queued", label: "Waiting" } : { glyph: "up_for_retry", label: "Trying again" }
}

/** What the last answer was. */
export function answerWords({ status, error, tries }: WebhookDeliveryView): string {
  if (error) return error
  if (status !== null) return String(status)
  return tries === 0 ? "–" : "no answer yet"
}

/** Whose events an endpoint gets. */
export function scopeWords({ pipelines, tags }: Pick<WebhookView, "pipelines" | "tags">): string {
  const words = [...pipelines, ...tags.map((tag) => `tag ${tag}`)]
  return words.length > 0 ? words.join(", ") : "all pipelines"
}

/** Names out of a text field: separated by commas, spaces or lines. */
export function splitNames(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((name) => name !== ""))]
}
