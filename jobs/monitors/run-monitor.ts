import { AppError } from "#lib/domain/errors.ts"
import type { FinishedPart } from "#lib/store/monitors.ts"
import type { MonitorCall, MonitorHook, MonitorOutcome } from "./monitor-hooks.ts"

/** A part that takes longer is given up; the next one follows. */
const PART_TIMEOUT_MS = 90_000

/** Runs the parts one after the other, so that one table takes one connection; each ends, whatever the one before did. */
export async function runMonitor(
  hooks: readonly MonitorHook[],
  call: Omit<MonitorCall, "signal">,
  options: { stopping: AbortSignal; timeoutMs?: number },
): Promise<FinishedPart[]> {
  const parts: FinishedPart[] = []
  for (const hook of hooks) {
    if (options.stopping.aborted) break
    const startedAt = Date.now()
    const result = await runPart(hook, call, options)
    if (result) parts.push({ name: hook.name, ...result, durationMs: Date.now() - startedAt })
  }
  return parts
}

async function runPart(
  hook: MonitorHook,
  call: Omit<MonitorCall, "signal">,
  { stopping, timeoutMs = PART_TIMEOUT_MS }: { stopping: AbortSignal; timeoutMs?: number },
): Promise<MonitorOutcome | null> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)])
  const givenUp = Promise.withResolvers<never>()
  signal.addEventListener("abort", () => givenUp.reject(signal.reason), { once: true })
  try {
    // A part that does not listen to its signal must not hold the monitor up either.
    return await Promise.race([hook.run({ ...call, signal }), givenUp.promise])
  } catch (error) {
    if (stopping.aborted) return { outcome: "failed", message: "The worker stopped." }
    if (signal.aborted) return { outcome: "failed", message: `It took longer than ${timeoutMs / 1_000} s.` }
    return { outcome: "failed", message: error instanceof AppError ? error.message : "It could not be done." }
  }
}
