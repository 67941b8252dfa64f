import { z } from "zod"
import { bindNameSchema, bindValueSchema } from "./sql.ts"
import { connectionNameSchema } from "./table-name.ts"
import { sensorShape } from "./wait-options.ts"

/** Options of `sqlSensor`: a query whose first value says whether what is waited for is there. */
export const sqlSensorOptionsSchema = z.strictObject({
  connection: connectionNameSchema.default("warehouse"),
  /** One query; true in the first column of its first row ends the wait. */
  sql: z.string().min(1),
  /** As for `sql`. */
  params: z.record(bindNameSchema, bindValueSchema).default({}),
  ...sensorShape,
})
export type SqlSensorOptions = z.output<typeof sqlSensorOptionsSchema>
