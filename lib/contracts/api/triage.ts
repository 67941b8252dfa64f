import { z } from "zod"
import { NEXT_STEPS } from "../../domain/next-step.ts"
import { RUN_CHANGE_KINDS } from "../../domain/run-difference.ts"
import { idSchema, instantSchema } from "./common.ts"
import { bulkResultSchema, logLineSchema } from "./runs.ts"

export const runChangeSchema = z.object({
  kind: z.enum(RUN_CHANGE_KINDS),
  /** The task, dataset or parameter. */
  subject: z.string(),
  /** As text: rows and milliseconds are whole numbers. */
  before: z.string().nullable(),
  after: z.string().nullable(),
  text: z.string(),
  /** 0 to 100: how often such a change is the cause. */
  suspicion: z.int().min(0).max(100),
  /** It lies at or upstream of a task that failed. */
  isNear: z.boolean(),
})

const comparedRunSchema = z.object({
  id: idSchema,
  version: z.int(),
  state: z.string(),
  startedAt: instantSchema.nullable(),
  finishedAt: instantSchema.nullable(),
  durationMs: z.number().nullable(),
})

/** What differs between a run and the last of its pipeline that went well before it. */
export const runChangesSchema = z.object({
  pipelineId: z.string(),
  run: comparedRunSchema,
  /** Null: none went well before, or retention removed it. */
  lastSuccess: comparedRunSchema.nullable(),
  /** The most suspicious first. */
  changes: z.array(runChangeSchema),
  /** Tasks that failed in this run and went well on another try; at most 50. */
  failedBefore: z.array(z.object({ taskId: z.string(), failures: z.int(), message: z.string().nullable() })),
})
export type RunChanges = z.infer<typeof runChangesSchema>

/** The first line of level `error` with what stands around it; without one, the log's end. */
export const firstErrorSchema = z.object({
  attemptId: idSchema,
  runId: idSchema,
  taskId: z.string(),
  /** Null: the task is not mapped. */
  mapIndex: z.int().nullable(),
  /** Which try of the task. */
  attempt: z.int(),
  /** Null: no line is an error. */
  line: z.int().nullable(),
  lines: z.array(logLineSchema),
})
export type FirstError = z.infer<typeof firstErrorSchema>

export const affectedDatasetSchema = z.object({
  id: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  pipelineId: z.string().nullable(),
})

/** What is made from what broke, nearest first. */
export const blastRadiusSchema = z.object({
  /** What broke. */
  datasets: z.array(z.string()),
  affected: z.array(affectedDatasetSchema),
  /** More than are listed. */
  total: z.int(),
  owners: z.array(z.string()),
  pipelines: z.array(z.string()),
})
export type BlastRadius = z.infer<typeof blastRadiusSchema>

/** All that whoever is on call wants to know of an incident, beside what it is. */
export const triageSchema = z.object({
  incidentId: idSchema,
  /** Why its occurrences are one. */
  whyGrouped: z.string(),
  /** Of the newest run that failed; null where no run did. */
  changes: runChangesSchema.nullable(),
  firstError: firstErrorSchema.nullable(),
  blastRadius: blastRadiusSchema,
  nextSteps: z.array(z.object({ step: z.enum(NEXT_STEPS), text: z.string() })),
  runbook: z.string().nullable(),
  /** Failed runs that a retry of all would run again. */
  retryable: z.int(),
})
export type Triage = z.infer<typeof triageSchema>

export const retryIncidentSchema = z.object({
  version: z.enum(["pinned", "newest"]).default("pinned"),
  /** True: change nothing, answer what would change. */
  dryRun: z.boolean().default(false),
})
export type RetryIncident = z.input<typeof retryIncidentSchema>

export const retryIncidentsSchema = retryIncidentSchema.extend({ ids: z.array(idSchema).min(1).max(200) })
export type RetryIncidents = z.input<typeof retryIncidentsSchema>

/** What a retry of many incidents does or would do: for each of them, and for each of their runs, which is run once. */
export const retryIncidentsResultSchema = bulkResultSchema.omit({ action: true }).extend({
  incidents: z.array(
    z.object({
      incidentId: idSchema,
      /** False: none of its runs can be run again; `text` says why. */
      ok: z.boolean(),
      text: z.string(),
      runIds: z.array(idSchema),
    }),
  ),
})
export type RetryIncidentsResult = z.infer<typeof retryIncidentsResultSchema>
