import { createHmac, randomBytes } from "node:crypto"

/**
 * The headers that let a receiver prove where a message comes from and that nobody changed or replays it: HMAC-SHA256 over
 * `id.timestamp.body` (Standard Webhooks, https://github.com/standard-webhooks/standard-webhooks, "Signature scheme").
 */
export function signMessage(
  secret: string,
  message: { id: string; body: string; sentAt: Date },
): Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string> {
  const timestamp = String(Math.floor(message.sentAt.getTime() / 1_000))
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64")
  const signature = createHmac("sha256", key).update(`${message.id}.${timestamp}.${message.body}`).digest("base64")
  return { "webhook-id": message.id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` }
}

/** A new secret of 256 bits, as receivers' libraries read it. */
export function makeSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`
}
