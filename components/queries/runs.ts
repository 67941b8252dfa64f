import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { ClearRun, CreateRun, RetryRun, RunDetail, RunEffect, RunSummary } from "#lib/contracts/api/runs.ts"
import { toast } from "../ui/toast.tsx"
import { adviceFor, getJson, sendJson } from "./client.ts"
import { overviewKeys, pipelineKeys, type RunFilter, runKeys } from "./keys.ts"

/** Runs that match, newest first, page by page. */
export const runListQuery = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: runKeys.list(filter),
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<RunSummary>>("/runs", { ...filter, limit: filter.limit ?? 150, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
  })

/** One run with its task runs. The live stream keeps it current. */
export const runDetailQuery = (id: string) =>
  queryOptions({
    queryKey: runKeys.detail(id),
    queryFn: ({ signal }) => getJson<RunDetail>(`/runs/${id}`, {}, signal),
  })

/** Starts a run. The caller decides where to go with it. */
export function useCreateRun() {
  const refresh = useRefreshRuns()
  return useMutation({
    mutationFn: (body: CreateRun) => sendJson<RunSummary>("POST", "/runs", body),
    onSuccess: () => refresh(),
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Cancels a run; its running tasks are stopped. */
export function useCancelRun() {
  const refresh = useRefreshRuns()
  return useMutation({
    mutationFn: (id: string) => sendJson<RunDetail>("POST", `/runs/${id}/cancel`),
    onSuccess: (_, id) => {
      refresh()
      toast.success(`Run ${id} is being cancelled.`)
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Runs the failed tasks and what they blocked again. With `dryRun` nothing changes and the effect comes back. */
export function useRetryRun() {
  const refresh = useRefreshRuns()
  return useMutation({
    mutationFn: ({ id, ...body }: RetryRun & { id: string }) => sendJson<RunEffect>("POST", `/runs/${id}/retry`, body),
    onSuccess: (effect) => {
      if (effect.dryRun) return
      refresh()
      toast.success(effect.text)
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Runs the named tasks (and what follows them) again. With `dryRun` nothing changes and the effect comes back. */
export function useClearRun() {
  const refresh = useRefreshRuns()
  return useMutation({
    mutationFn: ({ id, ...body }: ClearRun & { id: string }) => sendJson<RunEffect>("POST", `/runs/${id}/clear`, body),
    onSuccess: (effect) => {
      if (effect.dryRun) return
      refresh()
      toast.success(effect.text)
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Sets the outcome of a task run by hand. */
export function useMarkTaskRun() {
  const refresh = useRefreshRuns()
  return useMutation({
    mutationFn: ({
      taskRunId,
      state,
      dryRun = false,
    }: {
      taskRunId: string
      state: "success" | "failed" | "skipped"
      dryRun?: boolean
    }) => sendJson<RunEffect>("POST", `/task-runs/${taskRunId}/mark`, { state, dryRun }),
    onSuccess: (effect) => {
      if (effect.dryRun) return
      refresh()
      toast.success(effect.text)
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

function useRefreshRuns() {
  const client = useQueryClient()
  return () => {
    void client.invalidateQueries({ queryKey: runKeys.all })
    void client.invalidateQueries({ queryKey: overviewKeys.all })
    void client.invalidateQueries({ queryKey: pipelineKeys.all })
  }
}
