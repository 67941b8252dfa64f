import { z } from "zod"

/**
 * The part of an OpenLineage run event that Headrace sends, by the published specification: `spec/OpenLineage.json` 2-0-2
 * and the facets under `spec/facets`, each in the version that its `_schemaURL` names (https://openlineage.io/spec).
 */
const uri = z.string().refine((text) => URL.canParse(text), "expected a URI")
const instant = z.iso.datetime({ offset: true })

function facet<Shape extends z.ZodRawShape>(path: string, shape: Shape) {
  return z.object({ _producer: uri, _schemaURL: z.literal(`https://openlineage.io/spec/facets/${path}`), ...shape })
}

const jobName = { namespace: z.string().min(1), name: z.string().min(1) }
const datasetShape = {
  /** https://openlineage.io/docs/spec/naming: `postgres://host:port`. */
  namespace: z.string().min(1),
  /** `database.schema.table`. */
  name: z.string().min(1),
  facets: z.object({
    schema: facet("1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet", {
      fields: z.array(z.object({ name: z.string(), type: z.string() })),
    }).optional(),
  }),
}

export const LINEAGE_EVENT_TYPES = ["START", "COMPLETE", "FAIL", "ABORT"] as const

export const lineageEventSchema = z.object({
  eventType: z.enum(LINEAGE_EVENT_TYPES),
  eventTime: instant,
  producer: uri,
  schemaURL: z.literal("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"),
  run: z.object({
    runId: z.uuid(),
    facets: z.object({
      nominalTime: facet("1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet", {
        nominalStartTime: instant,
        nominalEndTime: instant,
      }),
      parent: facet("1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet", {
        run: z.object({ runId: z.uuid() }),
        job: z.object(jobName),
      }).optional(),
      errorMessage: facet("1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet", {
        message: z.string(),
        programmingLanguage: z.string(),
      }).optional(),
    }),
  }),
  job: z.object({
    ...jobName,
    facets: z.object({
      jobType: facet("2-0-3/JobTypeJobFacet.json#/$defs/JobTypeJobFacet", {
        processingType: z.literal("BATCH"),
        integration: z.literal("HEADRACE"),
        jobType: z.enum(["PIPELINE", "TASK"]),
      }),
      sourceCodeLocation: facet("1-0-1/SourceCodeLocationJobFacet.json#/$defs/SourceCodeLocationJobFacet", {
        type: z.string(),
        url: uri,
        path: z.string(),
        /** Hash over the definition and its files: equal hash, equal code. */
        version: z.string(),
      }),
    }),
  }),
  inputs: z.array(z.object(datasetShape)),
  outputs: z.array(
    z.object({
      ...datasetShape,
      outputFacets: z.object({
        outputStatistics: facet(
          "1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet",
          { rowCount: z.int(), size: z.int().optional() },
        ).optional(),
      }),
    }),
  ),
})
export type LineageEvent = z.infer<typeof lineageEventSchema>
