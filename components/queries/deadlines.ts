import { queryOptions } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { DeadlineView } from "#lib/contracts/api/deadlines.ts"
import { getJson } from "./client.ts"
import { deadlineKeys } from "./keys.ts"

/** Which deadlines: all of a run, or those missed of a pipeline or of all, the newest few. */
export type DeadlineFilter = { runId: string } | { pipelineId?: string; state: "missed"; limit: number }

export const deadlinesQuery = (filter: DeadlineFilter) =>
  queryOptions({
    queryKey: deadlineKeys.list(filter),
    queryFn: async ({ signal }) => (await getJson<Page<DeadlineView>>("/deadlines", filter, signal)).items,
  })
