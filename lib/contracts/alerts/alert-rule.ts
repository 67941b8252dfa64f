import { z } from "zod"
import { type AlertCondition, METRIC_OPERATORS } from "../../domain/alert-rule.ts"
import { ERROR_KINDS } from "../../domain/errors.ts"
import { SEVERITIES } from "../../domain/incident-state.ts"
import { alertMatchSchema } from "./alert-match.ts"

const levelSchema = z.enum(["warn", "error"])
const finiteSchema = z.number().refine(Number.isFinite, "expected a finite number")

/** What a rule asks for. */
export const alertConditionSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("pipeline_failure"),
    withBackfills: z.boolean().default(true),
    errorKinds: z.array(z.enum(ERROR_KINDS)).default([]),
  }),
  z.strictObject({ kind: z.literal("freshness_breach"), level: levelSchema.default("error") }),
  z.strictObject({
    kind: z.literal("quality_below"),
    dimension: z.string().min(1).max(50).default("overall"),
    below: z.number().min(0).max(100),
  }),
  z.strictObject({ kind: z.literal("check_failure"), level: levelSchema.default("error") }),
  z.strictObject({
    kind: z.literal("anomaly"),
    metrics: z.array(z.string().min(1).max(100)).max(50).default([]),
    level: levelSchema.default("warn"),
  }),
  z.strictObject({
    kind: z.literal("duration_anomaly"),
    method: z.enum(["mean", "robust"]).default("mean"),
    factor: z.number().min(1).max(1_000).default(2),
    days: z.int().min(1).max(90).default(7),
    minRuns: z.int().min(1).max(1_000).default(5),
    minSeconds: z.number().min(0).max(1_000_000).default(60),
  }),
  z.strictObject({ kind: z.literal("deadline_missed") }),
  z.strictObject({
    kind: z.literal("queue_backlog"),
    tasks: z.int().min(1).max(1_000_000).default(1_000),
    waitSeconds: z.int().min(1).max(1_000_000).default(900),
  }),
  z.strictObject({ kind: z.literal("worker_lost") }),
  z.strictObject({
    kind: z.literal("metric"),
    metric: z.string().min(1).max(100),
    column: z.string().max(200).default(""),
    operator: z.enum(METRIC_OPERATORS),
    value: finiteSchema,
  }),
]) satisfies z.ZodType<AlertCondition>

/** A web address, or a file of the workspace. */
const runbookSchema = z
  .string()
  .max(500)
  .refine((text) => /^https?:\/\//.test(text) || /^[\w][\w./-]*$/.test(text), {
    error: "expected an http or https URL, or the path of a file in the workspace",
  })

const ruleFields = {
  name: z.string().min(1).max(120),
  condition: alertConditionSchema,
  /** How long it must hold before there is an incident, and how long it must be over before that is resolved. */
  forSeconds: z.int().min(0).max(604_800),
  clearSeconds: z.int().min(0).max(604_800),
  severity: z.enum(SEVERITIES),
  match: alertMatchSchema,
  runbook: runbookSchema.nullable(),
  labels: z.record(z.string().min(1).max(60), z.string().max(200)),
  isActive: z.boolean(),
}

export const ruleIdSchema = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,79}$/, "use lower-case letters, digits, - and _")

/** A rule as people and files write it. */
export const newAlertRuleSchema = z.strictObject({
  id: ruleIdSchema,
  ...ruleFields,
  forSeconds: ruleFields.forSeconds.default(0),
  clearSeconds: ruleFields.clearSeconds.default(0),
  severity: ruleFields.severity.default("warning"),
  match: alertMatchSchema.prefault({}),
  runbook: ruleFields.runbook.default(null),
  labels: ruleFields.labels.default({}),
  isActive: ruleFields.isActive.default(true),
})
export type NewAlertRule = z.output<typeof newAlertRuleSchema>

export const changedAlertRuleSchema = z.strictObject(ruleFields).partial()
export type ChangedAlertRule = z.output<typeof changedAlertRuleSchema>

/** `alerts.yml` of a workspace. */
export const alertRulesFileSchema = z.strictObject({ rules: z.array(newAlertRuleSchema).max(500).default([]) })

/** A rule as read from the workspace. */
export interface LoadedAlertRule extends NewAlertRule {
  file: string
  line: number | null
}
