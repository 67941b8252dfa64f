import { z } from "zod"
import { expectationSchema } from "../expectations/read-expectation.ts"
import { datasetIds, tableNameSchema } from "./table-name.ts"

/** One expectation about a table, in any way of writing it. */
export const checkSchema = expectationSchema

/**
 * Options of `checks`: expectations about one table of the warehouse, its policy's, or both. With `gate`, a failed one of
 * severity `error` fails the task, and what waits for its success does not start.
 */
export const checksOptionsSchema = z
  .strictObject({
    table: tableNameSchema,
    expect: z.array(checkSchema).max(1_000).default([]),
    /** Also those that the workspace's quality files declare for the table. */
    policy: z.boolean().default(false),
    gate: z.boolean().default(true),
  })
  .refine(({ expect, policy }) => policy || expect.length > 0, {
    path: ["expect"],
    message: "name at least one check, or take those of the policy with policy: true",
  })
export type ChecksOptions = z.output<typeof checksOptionsSchema>

/** Datasets named in the options of `checks`. */
export function checksDatasets(options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: datasetIds("warehouse", options.table), writes: [] }
}
