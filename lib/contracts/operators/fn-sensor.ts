import { z } from "zod"
import { fnOptionsSchema } from "./fn.ts"
import { sensorShape } from "./wait-options.ts"

/** Options of `fnSensor`: a function of the author that says whether what is waited for is there. */
export const fnSensorOptionsSchema = z.strictObject({
  ...fnOptionsSchema.shape,
  ...sensorShape,
})
export type FnSensorOptions = z.output<typeof fnSensorOptionsSchema>
