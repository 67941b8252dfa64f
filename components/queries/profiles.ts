import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { DatasetProfile } from "#lib/contracts/api/profiles.ts"
import { toast } from "../ui/toast.tsx"
import { adviceFor, getJson, sendJson } from "./client.ts"
import { profileKeys } from "./keys.ts"

/** While a worker is at it, its state is asked for so often. */
const AGAIN_MS = 1_000

/** What the values of a dataset look like, now and the time before. */
export const datasetProfileQuery = (id: string) =>
  queryOptions({
    queryKey: profileKeys.detail(id),
    queryFn: ({ signal }) => getJson<DatasetProfile>(`/datasets/${encodeURIComponent(id)}/profile`, {}, signal),
    refetchInterval: ({ state }) => (isAtWork(state.data) ? AGAIN_MS : false),
  })

/** True while a profile waits for a worker or is being made. */
export function isAtWork(profile: DatasetProfile | undefined): boolean {
  const state = profile?.pending?.state
  return state === "queued" || state === "running"
}

/** Asks for a profile; the tab shows how far it is. */
export function useProfileNow(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (sample: "all" | undefined) =>
      sendJson("POST", `/datasets/${encodeURIComponent(id)}/profile`, sample === undefined ? {} : { sample }),
    onSuccess: () => client.invalidateQueries({ queryKey: profileKeys.detail(id) }),
    onError: (error) => toast.error(adviceFor(error)),
  })
}
