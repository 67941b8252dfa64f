import { z } from "zod"
import { parseDuration } from "../../domain/duration.ts"
import { durationOptionSchema } from "../operators/duration-option.ts"

/** More often would be a load of its own on the warehouse. */
const MIN_EVERY_MS = 10_000

/** How often a table is looked at without any run: section `monitor` of its policy. */
export const monitorSectionSchema = z.strictObject({
  every: durationOptionSchema.refine(
    (every) => (parseDuration(every) ?? MIN_EVERY_MS) >= MIN_EVERY_MS,
    "a table is looked at every 10s at most",
  ),
})
