import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { TaskRun } from "#lib/contracts/api/runs.ts"
import { getJson } from "./client.ts"
import { runKeys } from "./keys.ts"

/** Which instances of a mapped task to show. */
export type InstanceFilter = "all" | "failed"

const STATES = { all: undefined, failed: "failed,cancelled" } as const satisfies Record<
  InstanceFilter,
  string | undefined
>

/** The instances of a mapped task in map order, page by page. The live stream keeps them current. */
export const instanceListQuery = (runId: string, taskId: string, filter: InstanceFilter) =>
  infiniteQueryOptions({
    queryKey: runKeys.instanceList(runId, taskId, filter),
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<TaskRun>>(
        `/runs/${runId}/task-runs`,
        { taskId, state: STATES[filter], limit: 100, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
  })

/** One instance; null where there is none with this index. */
export const instanceQuery = (runId: string, taskId: string, mapIndex: number) =>
  queryOptions({
    queryKey: runKeys.instance(runId, taskId, mapIndex),
    queryFn: async ({ signal }): Promise<TaskRun | null> => {
      const page = await getJson<Page<TaskRun>>(`/runs/${runId}/task-runs`, { taskId, mapIndex }, signal)
      return page.items[0] ?? null
    },
  })
