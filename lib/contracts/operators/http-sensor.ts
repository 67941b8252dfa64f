import { z } from "zod"
import { durationOptionSchema } from "./duration-option.ts"
import { httpOptionsSchema } from "./http.ts"
import { sensorShape } from "./wait-options.ts"

/** Options of `httpSensor`: a request that is sent again until its answer is the one waited for. */
export const httpSensorOptionsSchema = z.strictObject({
  ...httpOptionsSchema.pick({ url: true, headers: true, expectStatus: true }).shape,
  method: z.enum(["GET", "HEAD", "POST"]).default("GET"),
  /** Sent as it is when text, else as JSON. */
  body: httpOptionsSchema.shape.body,
  /** Also wanted: this value at this place in the answer's JSON. */
  json: z
    .strictObject({
      path: z.array(z.union([z.string(), z.int()])),
      equals: z.union([z.string(), z.number(), z.boolean(), z.null()]),
    })
    .optional(),
  /** Of one request. */
  requestTimeout: durationOptionSchema.default("30s"),
  ...sensorShape,
})
export type HttpSensorOptions = z.output<typeof httpSensorOptionsSchema>
