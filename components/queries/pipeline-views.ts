import { keepPreviousData, queryOptions } from "@tanstack/react-query"
import type { PipelineCalendar, PipelineGrid, TaskHistoryItem } from "#lib/contracts/api/pipeline-views.ts"
import { getJson } from "./client.ts"
import { type GridFilter, pipelineKeys } from "./keys.ts"

const path = (id: string) => `/pipelines/${encodeURIComponent(id)}`

/** Task states of a pipeline's newest runs. The live stream writes each change into it. */
export const gridQuery = (id: string, query: GridFilter) =>
  queryOptions({
    queryKey: pipelineKeys.grid(id, query),
    queryFn: ({ signal }) => getJson<PipelineGrid>(`${path(id)}/grid`, { ...query }, signal),
    placeholderData: keepPreviousData,
  })

/** A year of a pipeline's runs, by days. */
export const calendarQuery = (id: string, year: number | null) =>
  queryOptions({
    queryKey: pipelineKeys.calendar(id, year),
    queryFn: ({ signal }) => getJson<PipelineCalendar>(`${path(id)}/calendar`, { year }, signal),
    placeholderData: keepPreviousData,
  })

/** What became of one task in the newest runs. */
export const taskHistoryQuery = (id: string, taskId: string) =>
  queryOptions({
    queryKey: pipelineKeys.taskHistory(id, taskId),
    queryFn: async ({ signal }) =>
      (
        await getJson<{ items: TaskHistoryItem[] }>(
          `${path(id)}/tasks/${encodeURIComponent(taskId)}/history`,
          { limit: 50 },
          signal,
        )
      ).items,
  })
