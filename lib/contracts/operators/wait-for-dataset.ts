import { z } from "zod"
import { durationOptionSchema } from "./duration-option.ts"
import { onTimeoutSchema } from "./wait-options.ts"

/** Options of `waitForDataset`: until a table, or one partition of it, was loaded. */
export const waitForDatasetOptionsSchema = z.strictObject({
  /** `schema.name` in the warehouse, or `connection.schema.name`. */
  dataset: z.string().regex(/^[^.]+\.[^.]+(\.[^.]+)?$/, 'a dataset is named "schema.name" or "connection.schema.name"'),
  /** Key of the partition, such as `run.partitionKey`; left out or null: the table as a whole. */
  partition: z.string().nullable().default(null),
  /**
   * Which loads count: those at or after the end of this run's data interval, those after the wait began, or any. Left
   * out: any load of a partition, and loads of a whole table since the interval's end.
   */
  since: z.enum(["interval", "wait", "ever"]).optional(),
  timeout: durationOptionSchema.default("1d"),
  onTimeout: onTimeoutSchema,
})
export type WaitForDatasetOptions = z.output<typeof waitForDatasetOptionsSchema>

/** The dataset's id: two parts mean a table of the warehouse. */
export function datasetId(name: string): string {
  return name.split(".").length === 2 ? `warehouse.${name}` : name
}

/** Datasets named in the options of `waitForDataset`. */
export function waitForDatasetDatasets(options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: typeof options.dataset === "string" ? [datasetId(options.dataset)] : [], writes: [] }
}
