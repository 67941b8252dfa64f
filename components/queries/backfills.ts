import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type {
  Backfill,
  BackfillMap,
  BackfillSlot,
  ChangeBackfill,
  CreateBackfill,
} from "#lib/contracts/api/backfills.ts"
import type { Page } from "#lib/contracts/api/common.ts"
import { toast } from "../ui/toast.tsx"
import { adviceFor, getJson, sendJson } from "./client.ts"
import { backfillKeys, type SlotFilter } from "./keys.ts"

/** Backfills, newest first. */
export const backfillListQuery = () =>
  queryOptions({
    queryKey: backfillKeys.list(),
    queryFn: async ({ signal }) => (await getJson<Page<Backfill>>("/backfills", { limit: 200 }, signal)).items,
  })

/** One backfill with its progress. */
export const backfillDetailQuery = (id: string) =>
  queryOptions({
    queryKey: backfillKeys.detail(id),
    queryFn: ({ signal }) => getJson<Backfill>(`/backfills/${id}`, {}, signal),
  })

/** All slots of a backfill at a glance. */
export const backfillMapQuery = (id: string) =>
  queryOptions({
    queryKey: backfillKeys.map(id),
    queryFn: ({ signal }) => getJson<BackfillMap>(`/backfills/${id}/map`, {}, signal),
  })

/** A backfill's slots in order of execution, page by page. */
export const slotListQuery = (id: string, filter: SlotFilter) =>
  infiniteQueryOptions({
    queryKey: backfillKeys.slots(id, filter),
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<BackfillSlot>>(`/backfills/${id}/slots`, { ...filter, limit: 200, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
  })

/** What a backfill would do, worked out by the planner that runs it. Changes nothing. */
export const backfillPreviewQuery = (plan: CreateBackfill) =>
  queryOptions({
    queryKey: backfillKeys.preview(plan),
    queryFn: () => sendJson<Backfill>("POST", "/backfills", { ...plan, dryRun: true }),
    placeholderData: (before) => before,
    retry: false,
    staleTime: 10_000,
  })

/** Starts a backfill. */
export function useCreateBackfill() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (plan: CreateBackfill) => sendJson<Backfill>("POST", "/backfills", { ...plan, dryRun: false }),
    onSuccess: () => client.invalidateQueries({ queryKey: backfillKeys.all }),
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Cancels a backfill: no further run starts; `id` is the backfill's. */
export function useCancelBackfill() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => sendJson<Backfill>("POST", `/backfills/${id}/cancel`),
    onSuccess: (_, id) => {
      void client.invalidateQueries({ queryKey: backfillKeys.all })
      toast.success(`Backfill ${id} is cancelled: no further partition starts.`)
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Pauses, resumes, widens or narrows a backfill. */
export function useChangeBackfill(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (change: ChangeBackfill) => sendJson<Backfill>("PATCH", `/backfills/${id}`, change),
    onSuccess: (changed, change) => {
      client.setQueryData(backfillKeys.detail(id), changed)
      void client.invalidateQueries({ queryKey: backfillKeys.list() })
      if (change.isPaused === true) toast.success("Paused: what runs finishes, and no further partition starts.")
      if (change.isPaused === false) toast.success("Resumed.")
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Runs a backfill's failed partitions again, and them alone. */
export function useRerunFailed(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => sendJson<Backfill>("POST", `/backfills/${id}/rerun-failed`),
    onSuccess: (changed) => {
      client.setQueryData(backfillKeys.detail(id), changed)
      void client.invalidateQueries({ queryKey: backfillKeys.all })
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}
