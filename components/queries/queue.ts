import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { Queue, SlotLimit, WaitingTask } from "#lib/contracts/api/queue.ts"
import { toast } from "../ui/toast.tsx"
import { adviceFor, getJson, sendJson } from "./client.ts"
import { systemKeys } from "./keys.ts"

/** What waits for what, and the limits. Read again every few seconds: each claim changes it, and none is announced alone. */
export const queueQuery = () =>
  queryOptions({
    queryKey: systemKeys.queue(),
    queryFn: ({ signal }) => getJson<Queue>("/queue", {}, signal),
    refetchInterval: 5_000,
  })

/** The task runs that wait for a slot of a limit, or with null for a worker, in the order in which they will go. */
export const waitingQuery = (limitId: string | null) =>
  queryOptions({
    queryKey: systemKeys.waiting(limitId),
    queryFn: async ({ signal }) =>
      (await getJson<Page<WaitingTask>>("/queue/tasks", { waitingFor: limitId, limit: 100 }, signal)).items,
    refetchInterval: 5_000,
  })

/** Makes a pool or changes its capacity. */
export function useSetPool() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ name, ...body }: { name: string; capacity: number; description?: string }) =>
      sendJson<SlotLimit>("POST", `/pools/${encodeURIComponent(name)}`, body),
    onSuccess: (pool) => {
      void client.invalidateQueries({ queryKey: systemKeys.all })
      toast.success(
        pool.capacity === 0
          ? `Pool ${pool.name} is closed: nothing more of it starts.`
          : `Pool ${pool.name} has ${pool.capacity} ${pool.capacity === 1 ? "slot" : "slots"}.`,
      )
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}
