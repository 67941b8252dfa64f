import { z } from "zod"
import { parseDuration } from "../../domain/duration.ts"
import { durationOptionSchema } from "../operators/duration-option.ts"

/** More often would be a load of its own on the warehouse. */
const MIN_EVERY_MS = 60_000

/** Rows that are looked at; `all` reads the whole table. */
export const profileSampleSchema = z.union([z.int().min(100).max(10_000_000), z.literal("all")])
export const DEFAULT_PROFILE_SAMPLE = 100_000

/** When a table is profiled without being asked: section `profile` of its policy. */
export const profileSectionSchema = z
  .strictObject({
    every: durationOptionSchema
      .refine((every) => (parseDuration(every) ?? 0) >= MIN_EVERY_MS, "a table is profiled every 1m at most")
      .optional(),
    after: z.literal("load").optional(),
    sample: profileSampleSchema.default(DEFAULT_PROFILE_SAMPLE),
  })
  .refine(({ every, after }) => every !== undefined || after !== undefined, {
    message: "say when: every: 1d, or after: load",
  })
