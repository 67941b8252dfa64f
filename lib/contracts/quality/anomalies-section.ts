import { z } from "zod"
import { columnNameSchema } from "../operators/table-name.ts"

/** Which measurements of a table are watched for the unusual: section `anomalies` of its policy. */
export const anomaliesSectionSchema = z.strictObject({
  volume: z.boolean().default(true),
  columns: z.array(columnNameSchema).default([]),
})
