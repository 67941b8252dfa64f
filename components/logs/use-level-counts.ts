"use client"
import { useQueries } from "@tanstack/react-query"
import type { LogPage } from "#lib/contracts/api/runs.ts"
import { getJson } from "../queries/client.ts"

/** How many warnings and errors the whole log has; null while unknown. Counted by the server. */
export function useLevelCounts(
  attemptId: string,
  version: number,
  isEnabled: boolean,
): { warnings: number | null; errors: number | null } {
  const [warn, error] = useQueries({
    queries: (["warn", "error"] as const).map((level) => ({
      queryKey: ["log-level-count", attemptId, level, version],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await getJson<LogPage>(`/attempts/${attemptId}/logs`, { level, limit: 1 }, signal)).matches,
      enabled: isEnabled,
      staleTime: Number.POSITIVE_INFINITY,
      placeholderData: (before: number | undefined) => before,
    })),
  })
  const errors = error?.data ?? null
  // The filter means "this level and above": warnings alone are the difference.
  return { errors, warnings: warn?.data === undefined || errors === null ? null : Math.max(0, warn.data - errors) }
}
