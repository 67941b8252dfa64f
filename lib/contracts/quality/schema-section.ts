import { z } from "zod"

/** What a change of a table's columns means: section `schema` of its policy. */
export const schemaSectionSchema = z.strictObject({
  onChange: z.enum(["evolve", "warn", "fail"]).default("evolve"),
})
