import { z } from "zod"
import { durationOptionSchema } from "../operators/duration-option.ts"
import { columnNameSchema } from "../operators/table-name.ts"

/** How old a table's data may be: section `freshness` of its policy. */
export const freshnessSectionSchema = z.strictObject({
  maxAge: z
    .strictObject({ warn: durationOptionSchema.optional(), error: durationOptionSchema.optional() })
    .refine((age) => age.warn !== undefined || age.error !== undefined, "give warn, error or both"),
  /** Its newest value says how old the data is; without it the newest load does. */
  column: columnNameSchema.optional(),
})
