import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type {
  BulkRequestBody,
  BulkResult,
  ClearRun,
  CreateRun,
  MarkRun,
  RetryRun,
  RunDetail,
  RunEffect,
  RunSummary,
} from "#lib/contracts/api/runs.ts"
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

/** Sets the outcome of tasks of a run, or of the whole run; the toast offers to take it back. */
export function useMarkRun() {
  const refresh = useRefreshRuns()
  const undo = useUndoMark()
  return useMutation({
    mutationFn: ({ id, ...body }: MarkRun & { id: string }) => sendJson<RunEffect>("POST", `/runs/${id}/mark`, body),
    onSuccess: ({ runId, text, undoId }) => {
      refresh()
      const back = undoId && { action: { label: "Undo", onClick: () => undo.mutate([{ runId, undoId }]) } }
      toast.success(text, back || undefined)
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Takes marks back, as long as nothing that they concern has moved on. */
function useUndoMark() {
  const refresh = useRefreshRuns()
  return useMutation({
    mutationFn: async (marks: readonly { runId: string; undoId: string }[]) => {
      const texts: string[] = []
      for (const { runId, undoId } of marks) {
        texts.push((await sendJson<RunEffect>("POST", `/runs/${runId}/mark/undo`, { undoId })).text)
      }
      return texts.length === 1 ? texts[0]! : `${texts.length} runs stand as before the mark.`
    },
    onSuccess: (text) => toast.success(text),
    onError: (error) => toast.error(adviceFor(error)),
    onSettled: () => refresh(),
  })
}

/** Moves an ended run to the newest version of the code. */
export function useRepinRun() {
  const refresh = useRefreshRuns()
  return useMutation({
    mutationFn: (id: string) => sendJson<RunEffect>("POST", `/runs/${id}/repin`, {}),
    onSuccess: (effect) => {
      refresh()
      toast.success(effect.text)
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

type BulkChoice = Required<Pick<BulkRequestBody, "action" | "runIds" | "version">>

/** What an action would do to many runs now. Never served from the cache: between two looks they may have moved on. */
export const bulkPreviewQuery = (request: BulkChoice) =>
  queryOptions({
    queryKey: ["run-effect", "bulk", request] as const,
    queryFn: () => sendJson<BulkResult>("POST", "/runs/bulk", { ...request, dryRun: true }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })

/** Does the same to many runs; where they were marked, the toast offers to take that back. */
export function useActOnRuns() {
  const refresh = useRefreshRuns()
  const undo = useUndoMark()
  return useMutation({
    mutationFn: (request: BulkChoice) => sendJson<BulkResult>("POST", "/runs/bulk", request),
    onSuccess: (result) => {
      refresh()
      const marks = result.items.flatMap(({ runId, undoId }) => (undoId === null ? [] : [{ runId, undoId }]))
      const back = marks.length > 0 && { action: { label: "Undo", onClick: () => undo.mutate(marks) } }
      toast.success(result.text, back || undefined)
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
