import { z } from "zod"
import { ALERT_KINDS } from "../../domain/alert-rule.ts"
import { ALERT_DELIVERY_STATES } from "../../domain/alert-send.ts"
import { CHANNEL_KINDS } from "../../domain/channel-kinds.ts"
import { SEVERITIES } from "../../domain/incident-state.ts"
import { alertMatchSchema, incidentMatchSchema } from "../alerts/alert-match.ts"
import { alertHoursSchema } from "../alerts/alert-route.ts"
import { alertConditionSchema, ruleIdSchema } from "../alerts/alert-rule.ts"
import { idSchema, instantSchema, listOf, pageQuerySchema } from "./common.ts"

export const alertRuleSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(ALERT_KINDS),
  condition: alertConditionSchema,
  forSeconds: z.int(),
  clearSeconds: z.int(),
  severity: z.enum(SEVERITIES),
  match: alertMatchSchema,
  runbook: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  isActive: z.boolean(),
  /** `workspace`: it stands in a file and is changed there. */
  origin: z.enum(["builtin", "workspace", "console"]),
  file: z.string().nullable(),
  line: z.int().nullable(),
  updatedBy: z.string().nullable(),
  updatedAt: instantSchema,
  /** Unresolved incidents that name it. */
  open: z.int(),
})
export type AlertRuleView = z.infer<typeof alertRuleSchema>

export const rulePreviewRequestSchema = z.object({
  condition: alertConditionSchema,
  match: alertMatchSchema.prefault({}),
})
export type RulePreviewRequest = z.input<typeof rulePreviewRequestSchema>

/** How often a rule would have found something. */
export const rulePreviewSchema = z.object({
  days: z.int(),
  /** Null: the past says nothing of it. */
  times: z.int().nullable(),
  /** The newest few. */
  examples: z.array(z.object({ at: instantSchema, what: z.string() })),
})
export type RulePreview = z.infer<typeof rulePreviewSchema>

const templateSchema = z.string().max(4_000)
/** What is not secret of a channel; the rest lies in the environment. */
export const channelSettingsSchema = z.strictObject({
  /** Of mails: in place of the variable's recipients. */
  to: z
    .array(z.string().regex(/^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/, "expected a mail address"))
    .max(50)
    .optional(),
  /** Mustache, in place of our texts. */
  templates: z.strictObject({ subject: templateSchema.optional(), text: templateSchema.optional() }).optional(),
})

const channelFields = {
  description: z.string().max(500),
  settings: channelSettingsSchema,
  /** Messages beyond that are held back and come as one. Null: no limit. */
  maxPerHour: z.int().min(1).max(10_000).nullable(),
  isActive: z.boolean(),
}

export const newAlertChannelSchema = z.strictObject({
  id: ruleIdSchema,
  /** The NAME of `HEADRACE_NOTIFY_<NAME>`, which holds address and secrets. */
  variable: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,79}$/, "expected the NAME of a HEADRACE_NOTIFY_<NAME> variable")
    .transform((name) => name.toLowerCase()),
  description: channelFields.description.default(""),
  settings: channelSettingsSchema.prefault({}),
  maxPerHour: channelFields.maxPerHour.default(null),
})
export type NewAlertChannel = z.input<typeof newAlertChannelSchema>

export const changedAlertChannelSchema = z.strictObject(channelFields).partial()
export type ChangedAlertChannel = z.input<typeof changedAlertChannelSchema>

export const alertChannelSchema = z.object({
  id: z.string(),
  kind: z.enum(CHANNEL_KINDS),
  variable: z.string(),
  description: z.string(),
  settings: channelSettingsSchema,
  maxPerHour: z.int().nullable(),
  isActive: z.boolean(),
  /** `environment`: made of the variable alone. */
  origin: z.enum(["environment", "console"]),
  failingSince: instantSchema.nullable(),
  lastError: z.string().nullable(),
  lastDeliveredAt: instantSchema.nullable(),
  createdBy: z.string(),
  createdAt: instantSchema,
  /** Names of routes that lead there. */
  routes: z.array(z.string()),
  waiting: z.int(),
})
export type AlertChannelView = z.infer<typeof alertChannelSchema>

export const alertRouteSchema = z.object({
  id: idSchema,
  position: z.int(),
  name: z.string(),
  match: incidentMatchSchema,
  hours: alertHoursSchema.nullable(),
  channels: z.array(z.string()),
  groupWaitSeconds: z.int(),
  groupIntervalSeconds: z.int(),
  escalation: z.array(z.object({ afterMinutes: z.int(), channels: z.array(z.string()) })),
  continues: z.boolean(),
  isActive: z.boolean(),
  updatedBy: z.string().nullable(),
  updatedAt: instantSchema,
})
export type AlertRouteView = z.infer<typeof alertRouteSchema>

export const newMaintenanceSchema = z
  .strictObject({
    reason: z.string().trim().min(1).max(500),
    match: alertMatchSchema.prefault({}),
    startsAt: instantSchema,
    endsAt: instantSchema,
  })
  .refine(({ startsAt, endsAt }) => new Date(startsAt) < new Date(endsAt), {
    path: ["endsAt"],
    error: "it must end after it starts",
  })
export type NewMaintenance = z.input<typeof newMaintenanceSchema>

export const maintenanceSchema = z.object({
  id: idSchema,
  reason: z.string(),
  match: alertMatchSchema,
  startsAt: instantSchema,
  endsAt: instantSchema,
  createdBy: z.string(),
  createdAt: instantSchema,
})
export type MaintenanceView = z.infer<typeof maintenanceSchema>

export const alertDeliverySchema = z.object({
  id: idSchema,
  channelId: z.string(),
  /** Null: a test. */
  incidentId: idSchema.nullable(),
  incidentTitle: z.string().nullable(),
  /** `opened`, `reopened`, `acknowledged`, `resolved`, `woken`, `escalated-1` …, `test`. */
  turn: z.string(),
  state: z.enum(ALERT_DELIVERY_STATES),
  tries: z.int(),
  nextTryAt: instantSchema.nullable(),
  /** Why it waits or was dropped, or what went wrong. */
  note: z.string().nullable(),
  status: z.int().nullable(),
  subject: z.string().nullable(),
  createdAt: instantSchema,
  sentAt: instantSchema.nullable(),
})
export type AlertDeliveryView = z.infer<typeof alertDeliverySchema>

export const alertDeliveryListQuerySchema = pageQuerySchema.extend({
  channelId: z.string().max(80).optional(),
  incidentId: idSchema.optional(),
  state: listOf(ALERT_DELIVERY_STATES).optional(),
})
