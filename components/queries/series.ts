import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { DatasetSchema } from "#lib/contracts/api/schema-changes.ts"
import type { Anomaly, Lesson, Series, SeriesList, SeriesName } from "#lib/contracts/api/series.ts"
import { toast } from "../ui/toast.tsx"
import { adviceFor, getJson, sendJson } from "./client.ts"
import { seriesKeys } from "./keys.ts"

const of = (id: string) => `/datasets/${encodeURIComponent(id)}`

/** What is measured of a dataset. */
export const seriesListQuery = (id: string) =>
  queryOptions({
    queryKey: seriesKeys.list(id),
    queryFn: ({ signal }) => getJson<SeriesList>(`${of(id)}/measurements`, {}, signal),
  })

/** The newest `limit` measurements of a series, with what was and is expected. */
export const seriesQuery = (id: string, { metric, column, kind, key }: SeriesName, limit: number) =>
  queryOptions({
    queryKey: seriesKeys.points(id, { metric, column, kind, key, limit }),
    queryFn: ({ signal }) => getJson<Series>(`${of(id)}/series`, { metric, column, kind, key, limit }, signal),
    placeholderData: keepPreviousData,
  })

/** The newest anomalies of a dataset, in all of its series. */
export const anomaliesQuery = (id: string) =>
  queryOptions({
    queryKey: seriesKeys.anomalies(id),
    queryFn: ({ signal }) => getJson<Page<Anomaly>>("/anomalies", { dataset: id, limit: 200 }, signal),
  })

/** A dataset's columns against its contract, and how they changed. */
export const datasetSchemaQuery = (id: string) =>
  queryOptions({
    queryKey: seriesKeys.schema(id),
    queryFn: ({ signal }) => getJson<DatasetSchema>(`${of(id)}/schema`, {}, signal),
  })

/** Says that an anomaly is fine, with a way back; or takes that back. */
export function useAnomalyVerdict() {
  const client = useQueryClient()
  const onSettled = () => client.invalidateQueries({ queryKey: seriesKeys.all })
  const onError = (error: unknown) => void toast.error(adviceFor(error))
  const undo = useMutation({
    mutationFn: (id: string) => sendJson<Anomaly>("POST", `/anomalies/${id}/undo`),
    onSuccess: () => void toast.success("It is an anomaly again."),
    onError,
    onSettled,
  })
  const fine = useMutation({
    mutationFn: ({ id, lesson }: { id: string; lesson: Lesson }) =>
      sendJson<Anomaly>("POST", `/anomalies/${id}/fine`, { lesson }),
    onSuccess: ({ id, lesson }) =>
      void toast.success(lesson === "shift" ? "The level from here on is learned." : "Such values are expected now.", {
        action: { label: "Undo", onClick: () => undo.mutate(id) },
      }),
    onError,
    onSettled,
  })
  return { fine, undo }
}
