import { z } from "zod"
import { isTimezone } from "../../domain/zone.ts"
import { durationOptionSchema } from "./duration-option.ts"

/** Options of `waitUntil`: an instant, a time after the interval's end, or a time of day. One of the three. */
export const waitUntilOptionsSchema = z
  .strictObject({
    /** An instant, such as `run.intervalEnd` or `"2026-03-01T07:00:00+01:00"`. */
    time: z.iso.datetime({ offset: true, error: 'an instant is written "2026-03-01T07:00:00Z"' }).optional(),
    /** Counted from the end of the run's data interval. */
    offset: durationOptionSchema.optional(),
    /** `HH:MM`: the first time that a clock in `timezone` shows it after the interval's end. */
    at: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day is written "07:00"')
      .optional(),
    timezone: z.string().refine(isTimezone, 'write an IANA name such as "Europe/Berlin" or "UTC"').default("UTC"),
  })
  .refine((options) => [options.time, options.offset, options.at].filter((value) => value !== undefined).length === 1, {
    message: "give one of time, offset and at",
    path: ["time"],
  })
export type WaitUntilOptions = z.output<typeof waitUntilOptionsSchema>
