export const DELIVERY_STATES = ["pending", "delivered", "dead"] as const

/** What became of one try to deliver a message. */
export type DeliveryAnswer =
  | { kind: "answered"; status: number; retryAfterMs: number | null }
  /** Nobody answered: nothing listens, it timed out, its name is unknown. */
  | { kind: "unreachable" }
  /** It was not sent: its address is one that may not be called. */
  | { kind: "forbidden" }

export type DeliveryDecision =
  | { kind: "delivered" }
  | { kind: "retry"; delayMs: number }
  | { kind: "dead"; isGone: boolean }

/** After this many tries, about 14 hours apart from first to last, a message is given up. */
export const MAX_DELIVERY_TRIES = 10
/** An endpoint that has taken nothing for this long is switched off. */
export const DISABLE_AFTER_MS = 3 * 24 * 3_600_000

const FIRST_DELAY_MS = 5_000
const FACTOR = 4
const MAX_DELAY_MS = 4 * 3_600_000

/**
 * Decides what follows try number `tries` (1-based). Only 2xx is a success: a redirect is a failure too, because a signed
 * message is for the address it was signed for. 410 Gone ends it at once. Delays are 5 s, 20 s, 80 s … up to 4 h, the upper
 * half of each drawn at random (see retry.ts); a longer `Retry-After` is obeyed within the same bound. `random` is in [0, 1).
 */
export function decideDelivery(tries: number, answer: DeliveryAnswer, random: number): DeliveryDecision {
  if (answer.kind === "answered") {
    if (answer.status >= 200 && answer.status < 300) return { kind: "delivered" }
    if (answer.status === 410) return { kind: "dead", isGone: true }
  }
  if (answer.kind === "forbidden" || tries >= MAX_DELIVERY_TRIES) return { kind: "dead", isGone: false }
  const full = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * FACTOR ** (tries - 1))
  const asked = answer.kind === "answered" ? Math.min(MAX_DELAY_MS, answer.retryAfterMs ?? 0) : 0
  return { kind: "retry", delayMs: Math.max(asked, Math.round(full / 2 + (full / 2) * random)) }
}

/** Reads `Retry-After`: seconds or a date (RFC 9110, 10.2.3). Null for what is neither. */
export function parseRetryAfter(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime())
}
