import { z } from "zod"
import { fnOptionsSchema } from "./fn.ts"

/**
 * Options of `branch`: a function of the author that names the tasks to follow among those directly after it. The output
 * `follow` is what it named.
 */
export const branchOptionsSchema = fnOptionsSchema

/** Options of `shortCircuit`: a function of the author whose falsy answer skips what is behind it. */
export const shortCircuitOptionsSchema = fnOptionsSchema.extend({
  /** True: everything behind it is skipped. False: what is directly behind it; trigger rules carry on from there. */
  ignoreDownstreamTriggerRules: z.boolean().default(true),
})
