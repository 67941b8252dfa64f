import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { AlertDeliveryView } from "#lib/contracts/api/alerts.ts"
import type { Page } from "#lib/contracts/api/common.ts"
import type {
  Incident,
  IncidentAction,
  IncidentDetail,
  IncidentListQuery,
  IncidentOccurrence,
  IncidentStats,
} from "#lib/contracts/api/incidents.ts"
import type { RetryIncident, RetryIncidentsResult, RunChanges, Triage } from "#lib/contracts/api/triage.ts"
import { toast } from "../ui/toast.tsx"
import { adviceFor, getJson, sendJson } from "./client.ts"
import { incidentKeys, overviewKeys, pipelineKeys, runKeys } from "./keys.ts"

const PAGE = 100

/** What the inbox is narrowed to. */
export type IncidentFilter = Omit<IncidentListQuery, "cursor" | "limit">

/** Incidents, those with the newest occurrence first, page by page. The live stream keeps them current. */
export const incidentListQuery = (filter: IncidentFilter) =>
  infiniteQueryOptions({
    queryKey: incidentKeys.list(filter),
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<Incident>>("/incidents", { ...filter, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
  })

/** How many are open, acknowledged and snoozed now. */
export const incidentStatsQuery = () =>
  queryOptions({
    queryKey: incidentKeys.stats({}),
    queryFn: ({ signal }) => getJson<IncidentStats>("/incidents/stats", {}, signal),
  })

/** One incident with its timeline, where it shows, and its newest occurrences. */
export const incidentDetailQuery = (id: string) =>
  queryOptions({
    queryKey: incidentKeys.detail(id),
    queryFn: ({ signal }) => getJson<IncidentDetail>(`/incidents/${encodeURIComponent(id)}`, {}, signal),
  })

/** What changed, the first error, who is affected, and what to do next. */
export const triageQuery = (id: string) =>
  queryOptions({
    queryKey: incidentKeys.triage(id),
    queryFn: ({ signal }) => getJson<Triage>(`/incidents/${encodeURIComponent(id)}/triage`, {}, signal),
  })

/** Everything an incident was found in, newest first, page by page. */
export const occurrenceListQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: incidentKeys.occurrences(id),
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<IncidentOccurrence>>(
        `/incidents/${encodeURIComponent(id)}/occurrences`,
        { limit: PAGE, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  })

/** Deliveries make no live event of their own. */
const TOLD_REFRESH_MS = 10_000

/** The newest messages about an incident, sent or to be sent. */
export const toldQuery = (id: string) =>
  queryOptions({
    queryKey: incidentKeys.told(id),
    queryFn: async ({ signal }) =>
      (await getJson<Page<AlertDeliveryView>>("/alerts/deliveries", { incidentId: id, limit: 20 }, signal)).items,
    refetchInterval: TOLD_REFRESH_MS,
  })

/** Incidents that a run is part of, resolved ones too. */
export const incidentsOfRunQuery = (runId: string) =>
  queryOptions({
    queryKey: incidentKeys.list({ runId }),
    queryFn: async ({ signal }) =>
      (await getJson<Page<Incident>>("/incidents", { runId, snoozed: "show", limit: 5 }, signal)).items,
  })

/** What differs between a run and the last of its pipeline that went well before it. */
export const runChangesQuery = (runId: string) =>
  queryOptions({
    queryKey: runKeys.changes(runId),
    queryFn: ({ signal }) => getJson<RunChanges>(`/runs/${encodeURIComponent(runId)}/changes`, {}, signal),
  })

interface ActionAnswer {
  items: Incident[]
  unchanged: string[]
}

/** Acknowledges, assigns, snoozes, comments on or resolves. The caller says in a toast what was done. */
export function useActOnIncidents() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (action: IncidentAction) => sendJson<ActionAnswer>("POST", "/incidents/actions", action),
    onError: (error) => toast.error(adviceFor(error)),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: incidentKeys.all })
      void client.invalidateQueries({ queryKey: overviewKeys.all })
    },
  })
}

type RetryChoice = { ids: readonly string[] } & Required<Pick<RetryIncident, "version">>

/** What a retry of all that failed of some causes would do now. Never served from the cache. */
export const retryPreviewQuery = ({ ids, version }: RetryChoice) =>
  queryOptions({
    queryKey: ["run-effect", "incidents", ids, version] as const,
    queryFn: () => retryAll({ ids, version, dryRun: true }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  })

/** Runs again what failed of some causes. */
export function useRetryIncidents() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (choice: RetryChoice) => retryAll({ ...choice, dryRun: false }),
    onError: (error) => toast.error(adviceFor(error)),
    onSettled: () => {
      for (const queryKey of [incidentKeys.all, runKeys.all, overviewKeys.all, pipelineKeys.all]) {
        void client.invalidateQueries({ queryKey })
      }
    },
  })
}

function retryAll(body: RetryChoice & { dryRun: boolean }): Promise<RetryIncidentsResult> {
  return sendJson<RetryIncidentsResult>("POST", "/incidents/retry", body)
}
