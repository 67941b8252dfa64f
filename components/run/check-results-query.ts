import { queryOptions } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import { getJson } from "../queries/client.ts"
import { runKeys } from "../queries/keys.ts"

/**
 * All results of the checks that a run did. Below the run's own key, so that what makes the run old makes these old. Read
 * to the last page: a run has hundreds at most.
 */
export const runChecksQuery = (runId: string) =>
  queryOptions({
    queryKey: [...runKeys.detail(runId), "checks"] as const,
    queryFn: async ({ signal }) => {
      const items: CheckResult[] = []
      let cursor: string | null = null
      do {
        const page: Page<CheckResult> = await getJson("/check-results", { runId, limit: 500, cursor }, signal)
        items.push(...page.items)
        cursor = page.nextCursor
      } while (cursor)
      return items
    },
  })
