import { z } from "zod"
import { ALERT_KINDS } from "../../domain/alert-rule.ts"
import { INCIDENT_STATES, SEVERITIES } from "../../domain/incident-state.ts"
import { idSchema, instantSchema, listOf, pageQuerySchema } from "./common.ts"

/** What is known of a cause beside its words; which of it depends on its kind. */
export const incidentDetailsSchema = z.looseObject({
  /** Ids of the rules that say that it is one. */
  rules: z.array(z.string()).optional(),
  runbook: z.string().nullable().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  /** Of failures: how they were found to be one, `custom`, `stack` or `message`. */
  groupedBy: z.string().optional(),
  errorCode: z.string().optional(),
  errorKind: z.string().optional(),
  /** `later`: another try may help. */
  retry: z.string().optional(),
  where: z.string().nullable().optional(),
  /** The attempt that showed it first, or first since it came back. */
  attemptId: idSchema.nullable().optional(),
})

export const incidentSchema = z.object({
  id: idSchema,
  kind: z.enum(ALERT_KINDS),
  title: z.string(),
  message: z.string(),
  severity: z.enum(SEVERITIES),
  state: z.enum(INCIDENT_STATES),
  /** Of failures: what makes them one. */
  fingerprint: z.string().nullable(),
  pipelineId: z.string().nullable(),
  taskId: z.string().nullable(),
  datasetId: z.string().nullable(),
  firstRunId: idSchema.nullable(),
  lastRunId: idSchema.nullable(),
  owner: z.string().nullable(),
  assignee: z.string().nullable(),
  /** How often the cause showed, and what failed because of it. */
  occurrences: z.int(),
  followers: z.int(),
  /** How often it came back after it was resolved. */
  reopened: z.int(),
  firstAt: instantSchema,
  lastAt: instantSchema,
  /** Since when it is unresolved, or was. */
  openedAt: instantSchema,
  acknowledgedAt: instantSchema.nullable(),
  acknowledgedBy: z.string().nullable(),
  /** Hidden and silent until then. */
  snoozedUntil: instantSchema.nullable(),
  resolvedAt: instantSchema.nullable(),
  resolvedBy: z.string().nullable(),
  details: incidentDetailsSchema,
})
export type Incident = z.infer<typeof incidentSchema>

export const incidentOccurrenceSchema = z.object({
  id: idSchema,
  at: instantSchema,
  /** False: it follows from the cause. */
  isRoot: z.boolean(),
  runId: idSchema.nullable(),
  taskRunId: idSchema.nullable(),
  attemptId: idSchema.nullable(),
  pipelineId: z.string().nullable(),
  taskId: z.string().nullable(),
  datasetId: z.string().nullable(),
  message: z.string(),
})
export type IncidentOccurrence = z.infer<typeof incidentOccurrenceSchema>

export const incidentEventSchema = z.object({
  id: idSchema,
  at: instantSchema,
  /**
   * `opened`, `reopened`, `acknowledged`, `unacknowledged`, `assigned`, `snoozed`, `woken`, `commented`, `resolved`, `spread` (a pipeline or
   * dataset joined: `body`), `told` (a channel got a message: `body`). More may come.
   */
  type: z.string(),
  actor: z.string(),
  body: z.string(),
  data: z.record(z.string(), z.unknown()),
})
export type IncidentEvent = z.infer<typeof incidentEventSchema>

export const incidentMemberSchema = z.object({
  pipelineId: z.string(),
  /** Null: the run as a whole. */
  taskId: z.string().nullable(),
  isRoot: z.boolean(),
  /** It has not succeeded since. */
  isFailing: z.boolean(),
  lastRunId: idSchema,
})

export const incidentDetailSchema = incidentSchema.extend({
  /** The newest 500, in order. */
  timeline: z.array(incidentEventSchema),
  /** Where failures show, roots first; at most 500. */
  members: z.array(incidentMemberSchema),
  /** The newest 50; the rest has its own list. */
  found: z.array(incidentOccurrenceSchema),
})
export type IncidentDetail = z.infer<typeof incidentDetailSchema>

export const incidentListQuerySchema = pageQuerySchema.extend({
  state: listOf(INCIDENT_STATES).optional(),
  /** `hide` (default) leaves snoozed ones out, `only` lists them alone. */
  snoozed: z.enum(["hide", "only", "show"]).default("hide"),
  kind: listOf(ALERT_KINDS).optional(),
  severity: listOf(SEVERITIES).optional(),
  pipelineId: z.string().max(300).optional(),
  datasetId: z.string().max(300).optional(),
  runId: idSchema.optional(),
  owner: z.string().max(200).optional(),
  assignee: z.string().max(200).optional(),
  /** Part of a title or message. */
  q: z.string().max(200).optional(),
  /** Opened in this time. */
  from: instantSchema.optional(),
  to: instantSchema.optional(),
})
export type IncidentListQuery = z.input<typeof incidentListQuerySchema>

const idsSchema = z.array(idSchema).min(1).max(200)
const textSchema = z.string().trim().min(1).max(5_000)

/** What a person does about incidents. */
export const incidentActionSchema = z.discriminatedUnion("action", [
  /** Who acknowledges is assigned where nobody is. */
  z.object({ action: z.literal("acknowledge"), ids: idsSchema }),
  /** Takes it back, and the assignment that came with it. */
  z.object({ action: z.literal("unacknowledge"), ids: idsSchema }),
  z.object({ action: z.literal("assign"), ids: idsSchema, assignee: z.string().trim().min(1).max(200).nullable() }),
  /** Null: no longer. */
  z.object({ action: z.literal("snooze"), ids: idsSchema, until: instantSchema.nullable() }),
  z.object({ action: z.literal("comment"), ids: idsSchema, text: textSchema }),
  z.object({ action: z.literal("resolve"), ids: idsSchema, text: textSchema.optional() }),
  /** Takes back that they are over. */
  z.object({ action: z.literal("reopen"), ids: idsSchema }),
])
export type IncidentAction = z.infer<typeof incidentActionSchema>

export const incidentActionAnswerSchema = z.object({
  items: z.array(incidentSchema),
  /** Ids of those that it changed nothing about: they are in that state already. */
  unchanged: z.array(idSchema),
})

export const incidentStatsQuerySchema = z.object({ from: instantSchema.optional(), to: instantSchema.optional() })

/** Incidents opened in a time, and how long people took. */
export const incidentStatsSchema = z.object({
  from: instantSchema,
  to: instantSchema,
  opened: z.int(),
  acknowledged: z.int(),
  resolved: z.int(),
  /** Means, of those that were; null without any. */
  meanSecondsToAcknowledge: z.number().nullable(),
  meanSecondsToResolve: z.number().nullable(),
  medianSecondsToResolve: z.number().nullable(),
  /** What is unresolved now, snoozed ones apart. */
  now: z.object({ open: z.int(), acknowledged: z.int(), snoozed: z.int(), critical: z.int() }),
})
export type IncidentStats = z.infer<typeof incidentStatsSchema>
