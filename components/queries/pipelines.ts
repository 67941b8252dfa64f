import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type {
  NextRuns,
  PipelineDetail,
  PipelineSummary,
  VersionDetail,
  VersionSummary,
} from "#lib/contracts/api/pipelines.ts"
import { toast } from "../ui/toast.tsx"
import { adviceFor, getJson, sendJson } from "./client.ts"
import { pipelineKeys } from "./keys.ts"

/** All pipelines with their last runs. A workspace has hundreds at most, so search and filters work on this one list. */
export const pipelineListQuery = () =>
  queryOptions({
    queryKey: pipelineKeys.list(),
    queryFn: async ({ signal }) => (await getJson<Page<PipelineSummary>>("/pipelines", { limit: 500 }, signal)).items,
  })

/** One pipeline with its manifest. */
export const pipelineDetailQuery = (id: string) =>
  queryOptions({
    queryKey: pipelineKeys.detail(id),
    queryFn: ({ signal }) => getJson<PipelineDetail>(`/pipelines/${encodeURIComponent(id)}`, {}, signal),
  })

/** What a pipeline's schedules start next, with what is unusual about it. */
export const nextRunsQuery = (id: string, count: number) =>
  queryOptions({
    queryKey: pipelineKeys.nextRuns(id, count),
    queryFn: ({ signal }) => getJson<NextRuns>(`/pipelines/${encodeURIComponent(id)}/next-runs`, { count }, signal),
  })

/** The versions of a pipeline, newest first. */
export const versionListQuery = (id: string) =>
  queryOptions({
    queryKey: pipelineKeys.versions(id),
    queryFn: async ({ signal }) =>
      (await getJson<Page<VersionSummary>>(`/pipelines/${encodeURIComponent(id)}/versions`, { limit: 500 }, signal))
        .items,
  })

/** One version with its files; never changes, so it is read once. */
export const versionDetailQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: pipelineKeys.version(id, version),
    queryFn: ({ signal }) =>
      getJson<VersionDetail>(`/pipelines/${encodeURIComponent(id)}/versions/${version}`, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

/** Pauses or resumes a schedule; the toast offers to undo it. */
export function useSetPaused() {
  const client = useQueryClient()
  const send = (id: string, isPaused: boolean) =>
    sendJson<PipelineSummary>("PATCH", `/pipelines/${encodeURIComponent(id)}`, { isPaused })
  const refresh = () => client.invalidateQueries({ queryKey: pipelineKeys.all })
  return useMutation({
    mutationFn: ({ id, isPaused }: { id: string; isPaused: boolean }) => send(id, isPaused),
    onSuccess: (_, { id, isPaused }) => {
      void refresh()
      toast.success(isPaused ? `${id} is paused: no scheduled run starts.` : `${id} is on again.`, {
        action: {
          label: "Undo",
          onClick: () => void send(id, !isPaused).then(refresh, (error) => toast.error(adviceFor(error))),
        },
      })
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}
