import { z } from "zod"
import type { ManifestTask } from "../contracts/manifest.ts"
import { durationOptionSchema } from "../contracts/operators/duration-option.ts"
import { type Duration, parseDuration } from "../domain/duration.ts"
import { RETRY_CAUSES, type RetryCause, type RetryPolicy } from "../domain/retry.ts"

/** How a task is tried again after failures of one kind: a number of retries, `"never"`, or with waits of its own. */
export type RetryRule = number | "never" | { retries: number; delay?: Duration; factor?: number; maxDelay?: Duration }

/** Rules by the kind of a failure, or by its code, which says more: `{ transient: 5, data: "never", "http.status": 2 }`. */
export type RetryRules = Partial<Record<RetryCause, RetryRule>>

const ruleSchema = z.union(
  [
    z.int().min(0).max(100),
    z.literal("never"),
    z.strictObject({
      retries: z.int().min(0).max(100),
      delay: durationOptionSchema.optional(),
      factor: z.number().min(1).max(100).optional(),
      maxDelay: durationOptionSchema.optional(),
    }),
  ],
  { error: 'write a number of retries, "never" or { retries: 3, delay: "1m", factor: 2, maxDelay: "1h" }' },
)

export const retryRulesSchema = z.partialRecord(z.enum(RETRY_CAUSES), ruleSchema)

/** The rules as the manifest has them; what a rule leaves out is the task's own. */
export function toRetryRules(written: unknown, own: RetryPolicy): ManifestTask["retryRules"] {
  const parsed = retryRulesSchema.safeParse(written ?? {})
  if (!parsed.success) return {}
  return Object.fromEntries(
    Object.entries(parsed.data).map(([cause, rule]) => {
      if (rule === "never") return [cause, { ...own, retries: 0 }]
      if (typeof rule === "number") return [cause, { ...own, retries: rule }]
      const delayMs = rule.delay === undefined ? own.delayMs : (parseDuration(rule.delay) ?? 0)
      const maxDelayMs = rule.maxDelay === undefined ? own.maxDelayMs : (parseDuration(rule.maxDelay) ?? 0)
      return [
        cause,
        {
          retries: rule.retries,
          delayMs,
          backoffFactor: rule.factor ?? own.backoffFactor,
          maxDelayMs: Math.max(delayMs, maxDelayMs),
        },
      ]
    }),
  )
}
