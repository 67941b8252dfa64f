import { z } from "zod"
import { parseDuration } from "../../domain/duration.ts"

/** A length of time in an operator's options: `"10m"`, `"1h30m"`, or a number of milliseconds. */
export const durationOptionSchema = z
  .union([z.string(), z.number()])
  .refine((value) => parseDuration(value) !== null, 'a duration is written "90s", "5m", "1h30m" or in milliseconds')
