import {
  createAlertChannel,
  createAlertRoute,
  createMaintenance,
  removeAlertChannel,
  removeAlertRoute,
  removeMaintenance,
  testAlertChannel,
  updateAlertChannel,
  updateAlertRoute,
} from "#lib/actions/save-alert-routing.ts"
import { createAlertRule, removeAlertRule, updateAlertRule } from "#lib/actions/save-alert-rule.ts"
import { templateProblem } from "#lib/connectors/notify/render-message.ts"
import { changedAlertRouteSchema, newAlertRouteSchema } from "#lib/contracts/alerts/alert-route.ts"
import { changedAlertRuleSchema, newAlertRuleSchema } from "#lib/contracts/alerts/alert-rule.ts"
import {
  type AlertChannelView,
  alertDeliveryListQuerySchema,
  changedAlertChannelSchema,
  newAlertChannelSchema,
  newMaintenanceSchema,
  rulePreviewRequestSchema,
} from "#lib/contracts/api/alerts.ts"
import { pageOf } from "#lib/contracts/api/common.ts"
import {
  listAlertChannels,
  listAlertDeliveries,
  listAlertRoutes,
  listAlertRules,
  listMaintenance,
  readAlertChannel,
  readAlertRoute,
  readAlertRule,
  readMaintenance,
} from "#lib/store/read/alerts.ts"
import { previewRule } from "#lib/store/read/rule-preview.ts"
import { RequestError } from "../../http.ts"
import type { Api } from "../api.ts"
import {
  AlertChannel,
  AlertDelivery,
  AlertRoute,
  AlertRule,
  idParams,
  MaintenanceWindow,
  nameParams,
  Removed,
  RulePreview,
} from "../schemas.ts"

const tag = "Alerts"
const read = { permission: "alerts.read" as const, tag }
const manage = { permission: "alerts.manage" as const, tag }

/** What makes incidents, and who is told of them. */
export function alertRoutes(api: Api): void {
  ruleRoutes(api)
  channelRoutes(api)
  routeRoutes(api)
  maintenanceRoutes(api)
}

function ruleRoutes(api: Api): void {
  api.json(
    {
      ...read,
      method: "get",
      path: "/alerts/rules",
      summary: "Alert rules, built-in ones first",
      answer: pageOf(AlertRule),
    },
    async ({ store }) => ({ items: await listAlertRules(store.pool), nextCursor: null }),
  )
  api.json(
    {
      ...manage,
      method: "post",
      path: "/alerts/rules",
      summary: "Add an alert rule",
      body: newAlertRuleSchema,
      answer: AlertRule,
      creates: () => true,
    },
    async ({ store, body, actor }) => {
      await createAlertRule(store, body, actor.name)
      return readAlertRule(store.pool, body.id)
    },
  )
  api.json(
    {
      ...read,
      method: "post",
      path: "/alerts/rules/preview",
      summary: "How often a rule would have found something in the last seven days",
      body: rulePreviewRequestSchema,
      answer: RulePreview,
    },
    ({ store, body }) => previewRule(store.pool, body),
  )
  api.json(
    {
      ...read,
      method: "get",
      path: "/alerts/rules/{id}",
      summary: "One alert rule",
      params: nameParams,
      answer: AlertRule,
    },
    ({ store, params }) => readAlertRule(store.pool, params.id),
  )
  api.json(
    {
      ...manage,
      method: "patch",
      path: "/alerts/rules/{id}",
      summary: "Change an alert rule, or switch it off and on",
      description: "Rules of the workspace are changed in its files.",
      params: nameParams,
      body: changedAlertRuleSchema,
      answer: AlertRule,
    },
    async ({ store, params, body, actor }) => {
      await updateAlertRule(store, params.id, body, actor.name)
      return readAlertRule(store.pool, params.id)
    },
  )
  api.json(
    {
      ...manage,
      method: "delete",
      path: "/alerts/rules/{id}",
      summary: "Remove an alert rule of the console",
      params: nameParams,
      answer: Removed,
    },
    async ({ store, params, actor }) => {
      await removeAlertRule(store, params.id, actor.name)
      return { id: params.id }
    },
  )
}

function channelRoutes(api: Api): void {
  api.json(
    {
      ...read,
      method: "get",
      path: "/alerts/channels",
      summary: "Alert channels by name",
      description: "Address and secrets lie in HEADRACE_NOTIFY_<NAME> and are never returned.",
      answer: pageOf(AlertChannel),
    },
    async ({ store }) => ({ items: await listAlertChannels(store.pool), nextCursor: null }),
  )
  api.json(
    {
      ...manage,
      method: "post",
      path: "/alerts/channels",
      summary: "Add an alert channel over a variable of the environment",
      body: newAlertChannelSchema,
      answer: AlertChannel,
      creates: () => true,
    },
    async ({ store, body, actor }) => {
      refuseBadTemplates(body.settings)
      await createAlertChannel(store, body, actor.name)
      return readAlertChannel(store.pool, body.id)
    },
  )
  api.json(
    {
      ...read,
      method: "get",
      path: "/alerts/channels/{id}",
      summary: "One alert channel",
      params: nameParams,
      answer: AlertChannel,
    },
    ({ store, params }) => readAlertChannel(store.pool, params.id),
  )
  api.json(
    {
      ...manage,
      method: "patch",
      path: "/alerts/channels/{id}",
      summary: "Change an alert channel, or switch it off and on",
      params: nameParams,
      body: changedAlertChannelSchema,
      answer: AlertChannel,
    },
    async ({ store, params, body, actor }) => {
      refuseBadTemplates(body.settings)
      await updateAlertChannel(store, params.id, body, actor.name)
      return readAlertChannel(store.pool, params.id)
    },
  )
  api.json(
    {
      ...manage,
      method: "delete",
      path: "/alerts/channels/{id}",
      summary: "Remove an alert channel and the list of what it was told",
      params: nameParams,
      answer: Removed,
    },
    async ({ store, params, actor }) => {
      await removeAlertChannel(store, params.id, actor.name)
      return { id: params.id }
    },
  )
  api.json(
    {
      ...manage,
      method: "post",
      path: "/alerts/channels/{id}/test",
      summary: "Send an alert channel a message that says that nothing is wrong",
      params: nameParams,
      answer: AlertDelivery,
    },
    async ({ store, params, actor }) => {
      const id = await testAlertChannel(store, params.id, actor.name)
      return (await listAlertDeliveries(store.pool, { id, limit: 1 })).items[0]!
    },
  )
  api.json(
    {
      ...read,
      method: "get",
      path: "/alerts/deliveries",
      summary: "What was and is told of incidents, newest first",
      query: alertDeliveryListQuerySchema,
      answer: pageOf(AlertDelivery),
    },
    ({ store, query }) => listAlertDeliveries(store.pool, query),
  )
}

/** @throws RequestError for a template that mustache cannot read: it would be found out when somebody is to be woken. */
function refuseBadTemplates(settings: AlertChannelView["settings"] | undefined): void {
  for (const [name, template] of Object.entries(settings?.templates ?? {})) {
    const problem = templateProblem(template)
    if (problem !== null) {
      const path = `body.settings.templates.${name}`
      throw new RequestError("A template cannot be read.", [{ path, message: problem }])
    }
  }
}

function routeRoutes(api: Api): void {
  api.json(
    {
      ...read,
      method: "get",
      path: "/alerts/routes",
      summary: "Alert routes in the order in which they are asked",
      answer: pageOf(AlertRoute),
    },
    async ({ store }) => ({ items: await listAlertRoutes(store.pool), nextCursor: null }),
  )
  api.json(
    {
      ...manage,
      method: "post",
      path: "/alerts/routes",
      summary: "Add an alert route",
      body: newAlertRouteSchema,
      answer: AlertRoute,
      creates: () => true,
    },
    async ({ store, body, actor }) => readAlertRoute(store.pool, await createAlertRoute(store, body, actor.name)),
  )
  api.json(
    {
      ...manage,
      method: "patch",
      path: "/alerts/routes/{id}",
      summary: "Change an alert route, or switch it off and on",
      params: idParams,
      body: changedAlertRouteSchema,
      answer: AlertRoute,
    },
    async ({ store, params, body, actor }) => {
      await updateAlertRoute(store, params.id, body, actor.name)
      return readAlertRoute(store.pool, params.id)
    },
  )
  api.json(
    {
      ...manage,
      method: "delete",
      path: "/alerts/routes/{id}",
      summary: "Remove an alert route",
      params: idParams,
      answer: Removed,
    },
    async ({ store, params, actor }) => {
      await removeAlertRoute(store, params.id, actor.name)
      return { id: params.id }
    },
  )
}

function maintenanceRoutes(api: Api): void {
  api.json(
    {
      ...read,
      method: "get",
      path: "/alerts/maintenance",
      summary: "Maintenance windows, those that start last first; ended ones of the last 30 days too",
      answer: pageOf(MaintenanceWindow),
    },
    async ({ store }) => ({ items: await listMaintenance(store.pool), nextCursor: null }),
  )
  api.json(
    {
      ...manage,
      method: "post",
      path: "/alerts/maintenance",
      summary: "Add a maintenance window: incidents are recorded, and nobody is told",
      body: newMaintenanceSchema,
      answer: MaintenanceWindow,
      creates: () => true,
    },
    async ({ store, body, actor }) => readMaintenance(store.pool, await createMaintenance(store, body, actor.name)),
  )
  api.json(
    {
      ...manage,
      method: "delete",
      path: "/alerts/maintenance/{id}",
      summary: "End or remove a maintenance window",
      params: idParams,
      answer: Removed,
    },
    async ({ store, params, actor }) => {
      await removeMaintenance(store, params.id, actor.name)
      return { id: params.id }
    },
  )
}
