import { z } from "zod"
import { isTimezone } from "../../domain/zone.ts"
import { incidentMatchSchema } from "./alert-match.ts"

const clockSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "expected a time such as 09:00")
const channelIdsSchema = z.array(z.string().min(1).max(80)).max(50)

/** Hours of a week on a zone's clock; `to` not after `from` reaches into the next day. */
export const alertHoursSchema = z.strictObject({
  /** 1 is Monday. */
  days: z.array(z.int().min(1).max(7)).min(1).max(7),
  from: clockSchema,
  to: clockSchema,
  timezone: z.string().refine(isTimezone, "is no time zone"),
})

const fields = {
  name: z.string().trim().min(1).max(120),
  /** Routes are asked in the order of their positions. */
  position: z.int().min(0).max(100_000),
  match: incidentMatchSchema,
  hours: alertHoursSchema.nullable(),
  channels: channelIdsSchema,
  groupWaitSeconds: z.int().min(0).max(3_600),
  groupIntervalSeconds: z.int().min(0).max(86_400),
  escalation: z
    .array(z.strictObject({ afterMinutes: z.int().min(1).max(10_080), channels: channelIdsSchema.min(1) }))
    .max(10),
  continues: z.boolean(),
  isActive: z.boolean(),
}

export const newAlertRouteSchema = z.strictObject({
  ...fields,
  position: fields.position.default(100),
  match: incidentMatchSchema.prefault({}),
  hours: fields.hours.default(null),
  channels: channelIdsSchema.min(1),
  groupWaitSeconds: fields.groupWaitSeconds.default(30),
  groupIntervalSeconds: fields.groupIntervalSeconds.default(300),
  escalation: fields.escalation.default([]),
  continues: fields.continues.default(false),
  isActive: fields.isActive.default(true),
})
export type NewAlertRoute = z.output<typeof newAlertRouteSchema>

export const changedAlertRouteSchema = z.strictObject(fields).partial()
export type ChangedAlertRoute = z.output<typeof changedAlertRouteSchema>
