import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { CheckReceipt, FreshnessDetail, FreshnessPage } from "#lib/contracts/api/freshness.ts"
import { toast } from "../ui/toast.tsx"
import { adviceFor, getJson, sendJson } from "./client.ts"
import { freshnessKeys } from "./keys.ts"

/** What the board is narrowed to, and whose days it shows. */
export interface FreshnessFilter {
  q: string
  state: string | null
  owner: string | null
  tag: string | null
  sort: string
  zone: string
}

/** Time alone makes things late, or at risk: a board that nothing happens on is read again. */
const AGAIN_MS = 60_000

/** Datasets with a policy, page by page. */
export const freshnessListQuery = (filter: FreshnessFilter) =>
  infiniteQueryOptions({
    queryKey: freshnessKeys.list(filter),
    queryFn: ({ pageParam, signal }) =>
      getJson<FreshnessPage>("/freshness", { ...filter, limit: 150, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: AGAIN_MS,
  })

/** A dataset's freshness, its history and its monitor. */
export const freshnessDetailQuery = (id: string, zone: string) =>
  queryOptions({
    queryKey: freshnessKeys.detail(id, zone),
    queryFn: ({ signal }) => getJson<FreshnessDetail>(`/freshness/${encodeURIComponent(id)}`, { zone }, signal),
    refetchInterval: AGAIN_MS,
  })

/** Has a dataset looked at now; its outcome comes with the live stream. */
export function useCheckNow() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => sendJson<CheckReceipt>("POST", `/freshness/${encodeURIComponent(id)}/check`),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: freshnessKeys.all })
      toast.success("A worker looks at it now.")
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}
