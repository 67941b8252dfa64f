import { z } from "zod"
import { tableNameSchema } from "../operators/table-name.ts"
import { anomaliesSectionSchema } from "./anomalies-section.ts"
import { expectationsSectionSchema } from "./expectations-section.ts"
import { freshnessSectionSchema } from "./freshness-section.ts"
import { monitorSectionSchema } from "./monitor-section.ts"
import { profileSectionSchema } from "./profile-section.ts"
import { schemaSectionSchema } from "./schema-section.ts"

/** What a workspace declares of one table of the warehouse under `quality/`; each section stands for itself. */
export const datasetPolicySchema = z.strictObject({
  owner: z.string().min(1).optional(),
  description: z.string().optional(),
  tags: z.array(z.string().min(1)).optional(),
  /** Address, or path in the workspace, of what to do when the table is not as it should be. */
  runbook: z.string().min(1).optional(),
  expectations: expectationsSectionSchema.optional(),
  freshness: freshnessSectionSchema.optional(),
  anomalies: anomaliesSectionSchema.optional(),
  schema: schemaSectionSchema.optional(),
  monitor: monitorSectionSchema.optional(),
  profile: profileSectionSchema.optional(),
})
export type DatasetPolicy = z.output<typeof datasetPolicySchema>

/** A file under `quality/`: policies by `schema.table`. */
export const policyFileSchema = z.strictObject({ datasets: z.record(tableNameSchema, datasetPolicySchema) })

/** A policy as read from the workspace. */
export interface LoadedPolicy {
  /** `warehouse.schema.table`. */
  datasetId: string
  /** File that declares it, relative to the workspace, and its line there. */
  file: string
  line: number | null
  policy: DatasetPolicy
  /** SHA-256 of the policy: equal hash, equal policy. */
  hash: string
}
