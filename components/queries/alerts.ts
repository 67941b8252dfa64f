import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { ChangedAlertRoute } from "#lib/contracts/alerts/alert-route.ts"
import type {
  AlertChannelView,
  AlertDeliveryView,
  AlertRouteView,
  AlertRuleView,
  ChangedAlertChannel,
  MaintenanceView,
  NewAlertChannel,
  NewMaintenance,
  RulePreview,
  RulePreviewRequest,
} from "#lib/contracts/api/alerts.ts"
import type { Page } from "#lib/contracts/api/common.ts"
import { toast } from "../ui/toast.tsx"
import { ApiError, adviceFor, getJson, sendJson } from "./client.ts"
import { alertKeys } from "./keys.ts"

/** Deliveries make no live event of their own. */
const REFRESH_MS = 5_000

const items = async <Item>(path: string, signal: AbortSignal) => (await getJson<Page<Item>>(path, {}, signal)).items

export const alertRulesQuery = () =>
  queryOptions({
    queryKey: alertKeys.rules(),
    queryFn: ({ signal }) => items<AlertRuleView>("/alerts/rules", signal),
  })

export const alertChannelsQuery = () =>
  queryOptions({
    queryKey: alertKeys.channels(),
    queryFn: ({ signal }) => items<AlertChannelView>("/alerts/channels", signal),
    refetchInterval: REFRESH_MS,
  })

export const alertRoutesQuery = () =>
  queryOptions({
    queryKey: alertKeys.routes(),
    queryFn: ({ signal }) => items<AlertRouteView>("/alerts/routes", signal),
  })

export const maintenanceQuery = () =>
  queryOptions({
    queryKey: alertKeys.maintenance(),
    queryFn: ({ signal }) => items<MaintenanceView>("/alerts/maintenance", signal),
  })

/** What was and is told, newest first, page by page. */
export const alertDeliveriesQuery = (filter: { channelId: string | null; state: string | null }) =>
  infiniteQueryOptions({
    queryKey: alertKeys.deliveries(filter),
    queryFn: ({ pageParam, signal }) =>
      getJson<Page<AlertDeliveryView>>("/alerts/deliveries", { ...filter, limit: 100, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: REFRESH_MS,
  })

/** How often a rule would have found something. */
export const rulePreviewQuery = (rule: RulePreviewRequest | null) =>
  queryOptions({
    queryKey: alertKeys.preview(rule ?? {}),
    queryFn: () => sendJson<RulePreview>("POST", "/alerts/rules/preview", rule),
    enabled: rule !== null,
    retry: false,
    placeholderData: (before) => before,
  })

/** Makes a rule (without `id`: changes nothing of that name) or changes one. */
export function useSaveAlertRule() {
  return useAlertMutation(
    ({ id, isNew, ...rule }: { id: string; isNew: boolean } & Record<string, unknown>) =>
      isNew
        ? sendJson<AlertRuleView>("POST", "/alerts/rules", { id, ...rule })
        : sendJson<AlertRuleView>("PATCH", `/alerts/rules/${encodeURIComponent(id)}`, rule),
    (rule) => `Rule ${rule.name} is ${rule.isActive ? "on" : "off"}.`,
  )
}

export function useRemoveAlertRule() {
  return useAlertMutation(
    (id: string) => sendJson<{ id: string }>("DELETE", `/alerts/rules/${encodeURIComponent(id)}`),
    ({ id }) => `Rule ${id} is removed.`,
  )
}

export function useCreateAlertChannel() {
  return useAlertMutation(
    (channel: NewAlertChannel) => sendJson<AlertChannelView>("POST", "/alerts/channels", channel),
    ({ id }) => `Channel ${id} is on.`,
  )
}

export function useChangeAlertChannel() {
  return useAlertMutation(
    ({ id, ...changes }: ChangedAlertChannel & { id: string }) =>
      sendJson<AlertChannelView>("PATCH", `/alerts/channels/${encodeURIComponent(id)}`, changes),
    ({ id, isActive }) => (isActive ? `Channel ${id} is on.` : `Channel ${id} is off: nothing is sent there.`),
  )
}

export function useRemoveAlertChannel() {
  return useAlertMutation(
    (id: string) => sendJson<{ id: string }>("DELETE", `/alerts/channels/${encodeURIComponent(id)}`),
    ({ id }) => `Channel ${id} is removed.`,
  )
}

/** Sends a message that says that nothing is wrong. */
export function useTestAlertChannel() {
  return useAlertMutation(
    (id: string) => sendJson<AlertDeliveryView>("POST", `/alerts/channels/${encodeURIComponent(id)}/test`),
    ({ channelId }) => `A test is on its way to ${channelId}.`,
  )
}

export function useSaveAlertRoute() {
  return useAlertMutation(
    ({ id, ...route }: ChangedAlertRoute & { id: string | null }) =>
      id === null
        ? sendJson<AlertRouteView>("POST", "/alerts/routes", route)
        : sendJson<AlertRouteView>("PATCH", `/alerts/routes/${id}`, route),
    ({ name, isActive }) => `Route ${name} is ${isActive ? "on" : "off"}.`,
  )
}

export function useRemoveAlertRoute() {
  return useAlertMutation(
    (id: string) => sendJson<{ id: string }>("DELETE", `/alerts/routes/${id}`),
    () => "The route is removed.",
  )
}

export function useCreateMaintenance() {
  return useAlertMutation(
    (window: NewMaintenance) => sendJson<MaintenanceView>("POST", "/alerts/maintenance", window),
    () => "Maintenance is set; nobody is told meanwhile.",
  )
}

export function useRemoveMaintenance() {
  return useAlertMutation(
    (id: string) => sendJson<{ id: string }>("DELETE", `/alerts/maintenance/${id}`),
    () => "Maintenance is over; what it held back is told now.",
  )
}

/** Forms say beside their inputs what does not fit them; everything else is a toast. */
function useAlertMutation<Input, Answer>(send: (input: Input) => Promise<Answer>, done: (answer: Answer) => string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: send,
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: alertKeys.all })
      toast.success(done(answer))
    },
    onError: (error) => {
      if (!(error instanceof ApiError) || error.issues.length === 0) toast.error(adviceFor(error))
    },
  })
}
