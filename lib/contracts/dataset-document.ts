import { z } from "zod"
import { jsonObjectSchema } from "./json.ts"

/** What a dataset is: how it comes to be there, in the words of its project. */
export const DATASET_KINDS = ["model", "seed", "snapshot", "source"] as const

export const documentedColumnSchema = z.object({
  /** As the database spells it. */
  name: z.string(),
  /** What the project says; the database's own word is kept with the dataset. */
  type: z.string().nullable(),
  description: z.string(),
  tags: z.array(z.string()),
  /** The project says that it holds no personal data, whatever comes into it. */
  isCleared: z.boolean(),
})

export const documentedTestSchema = z.object({
  /** As its results are called. */
  name: z.string(),
  /** `unique`, `not_null` …, or `singular` for a query of its own. */
  kind: z.string(),
  column: z.string().nullable(),
  severity: z.enum(["warn", "error"]),
  description: z.string(),
  arguments: jsonObjectSchema,
})

/** How a dataset keeps the versions of its rows (SCD type 2): a snapshot, or a model that says so in its meta. */
export const snapshotDocumentSchema = z.object({
  /** SQL expressions, mostly names of columns, that tell rows apart. */
  keys: z.array(z.string()),
  /** `timestamp` or `check`; null for a model. */
  strategy: z.string().nullable(),
  /** Columns that say from when and until when a version holds; the latter is null, or far away, for what holds now. */
  validFrom: z.string(),
  validTo: z.string(),
  /** Column that says that a row was gone meanwhile, where there is one. */
  isDeleted: z.string().nullable(),
  /** Columns that are about the version rather than about what it describes. */
  bookkeeping: z.array(z.string()),
})
export type SnapshotDocument = z.infer<typeof snapshotDocumentSchema>

/** Something outside of the warehouse that reads a dataset: a dashboard, an application, a notebook. */
export const exposureDocumentSchema = z.object({
  /** As `exposure.shop.weekly_report`. */
  id: z.string(),
  name: z.string(),
  /** `dashboard`, `notebook`, `analysis`, `ml`, `application`. */
  type: z.string(),
  /** Name, or address, of who is responsible. */
  owner: z.string().nullable(),
  /** Where it is to be seen. */
  url: z.string().nullable(),
  maturity: z.string().nullable(),
  description: z.string(),
})
export type ExposureDocument = z.infer<typeof exposureDocumentSchema>

/** How old a project lets a dataset grow: dbt's `freshness` of a source or model. At least one of the two is given. */
export const documentedFreshnessSchema = z.object({
  warnAfterMs: z.number().nullable(),
  errorAfterMs: z.number().nullable(),
  /** How the newest instant is found; null where loads tell. */
  probe: z
    .object({
      column: z.string().nullable(),
      expression: z.string().nullable(),
      filter: z.string().nullable(),
      query: z.string().nullable(),
    })
    .nullable(),
})
export type DocumentedFreshness = z.infer<typeof documentedFreshnessSchema>

/** What a project says of a dataset, as plain data: all that the catalogue needs to know of it. */
export const datasetDocumentSchema = z.object({
  /** `warehouse.schema.name`. */
  dataset: z.string(),
  /** False: the pipeline reads it, and something else makes it. */
  isBuilt: z.boolean(),
  kind: z.enum(DATASET_KINDS),
  /** As `model.shop.orders`. */
  uniqueId: z.string(),
  /** `table`, `view`, `incremental` …; null for sources. */
  materialized: z.string().nullable(),
  /** Markdown. */
  description: z.string(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  meta: jsonObjectSchema,
  /** Relative to the workspace; null where it stands in a package from elsewhere. */
  file: z.string().nullable(),
  package: z.string(),
  /** Before it is compiled; null where there is none. */
  sql: z.string().nullable(),
  columns: z.array(documentedColumnSchema),
  tests: z.array(documentedTestSchema),
  /** The project says of it as a whole that it holds personal or sensitive data. */
  isSensitive: z.boolean(),
  snapshot: snapshotDocumentSchema.nullable(),
  /** What is said to read it outside of the warehouse. */
  exposures: z.array(exposureDocumentSchema).default([]),
  freshness: documentedFreshnessSchema.optional(),
})
export type DatasetDocument = z.infer<typeof datasetDocumentSchema>
