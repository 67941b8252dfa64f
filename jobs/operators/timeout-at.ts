import type { Duration } from "#lib/domain/duration.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import type { OperatorContext } from "./operator.ts"

/** When a wait ends in vain: counted from its beginning, so that retries do not make it longer. Null: never. */
export function timeoutAt(
  { resume }: Pick<OperatorContext<unknown>, "resume">,
  timeout: Duration | undefined,
): string | null {
  const ms = timeout === undefined ? null : parseDuration(timeout)
  if (ms === null) return null
  return new Date((resume?.since.getTime() ?? Date.now()) + ms).toISOString()
}
