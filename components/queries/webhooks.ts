import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { CreateWebhook, UpdateWebhook, WebhookDeliveryView, WebhookView } from "#lib/contracts/api/webhooks.ts"
import { toast } from "../ui/toast.tsx"
import { ApiError, adviceFor, getJson, sendJson } from "./client.ts"
import { webhookKeys } from "./keys.ts"

/** Deliveries make no live event: a thousand a second would drown the others. */
const REFRESH_MS = 3_000

/** Webhooks, oldest first. */
export const webhookListQuery = () =>
  queryOptions({
    queryKey: webhookKeys.list(),
    queryFn: async ({ signal }) => (await getJson<Page<WebhookView>>("/webhooks", {}, signal)).items,
    refetchInterval: REFRESH_MS,
  })

/** One webhook. */
export const webhookDetailQuery = (id: string) =>
  queryOptions({
    queryKey: webhookKeys.detail(id),
    queryFn: ({ signal }) => getJson<WebhookView>(`/webhooks/${encodeURIComponent(id)}`, {}, signal),
    refetchInterval: REFRESH_MS,
  })

/** What was and is sent to a webhook, newest first, page by page; `state` narrows it. */
export const deliveryListQuery = (id: string, state: string | null) =>
  infiniteQueryOptions({
    queryKey: webhookKeys.deliveries(id, state),
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<WebhookDeliveryView>>(
        `/webhooks/${encodeURIComponent(id)}/deliveries`,
        { state, limit: 100, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: REFRESH_MS,
  })

/** Adds a webhook; the answer has its secret, once. */
export function useCreateWebhook() {
  const refresh = useRefreshWebhooks()
  return useMutation({
    mutationFn: (body: CreateWebhook) => sendJson<WebhookView & { secret: string }>("POST", "/webhooks", body),
    onSuccess: refresh,
    // The form says beside its inputs what does not fit them.
    onError: (error) => {
      if (!(error instanceof ApiError) || error.issues.length === 0) toast.error(adviceFor(error))
    },
  })
}

/** Changes a webhook, or switches it off and on. */
export function useUpdateWebhook() {
  const refresh = useRefreshWebhooks()
  return useMutation({
    mutationFn: ({ id, ...changes }: UpdateWebhook & { id: string }) =>
      sendJson<WebhookView>("PATCH", `/webhooks/${id}`, changes),
    onSuccess: (webhook) => {
      void refresh()
      toast.success(
        webhook.isActive
          ? `Webhook ${webhook.id} is on; what waited is sent now.`
          : `Webhook ${webhook.id} is off: what happens from now on is not sent.`,
      )
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Removes a webhook with the list of its deliveries. */
export function useRemoveWebhook() {
  const refresh = useRefreshWebhooks()
  return useMutation({
    mutationFn: (id: string) => sendJson<{ id: string }>("DELETE", `/webhooks/${id}`),
    onSuccess: ({ id }) => {
      void refresh()
      toast.success(`Webhook ${id} is removed.`)
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Sends a test message. */
export function useTestWebhook() {
  const refresh = useRefreshWebhooks()
  return useMutation({
    mutationFn: (id: string) => sendJson<WebhookDeliveryView>("POST", `/webhooks/${id}/test`),
    onSuccess: () => {
      void refresh()
      toast.success("A test message is on its way.")
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

/** Sends a message once more, under its first id. */
export function useRedeliver() {
  const refresh = useRefreshWebhooks()
  return useMutation({
    mutationFn: (id: string) => sendJson<WebhookDeliveryView>("POST", `/webhook-deliveries/${id}/redeliver`),
    onSuccess: (delivery) => {
      void refresh()
      toast.success(`${delivery.type} is on its way again.`)
    },
    onError: (error) => toast.error(adviceFor(error)),
  })
}

function useRefreshWebhooks() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: webhookKeys.all })
}
