import { z } from "zod"
import { ALERT_KINDS } from "../../domain/alert-rule.ts"
import { SEVERITIES } from "../../domain/incident-state.ts"

const namesSchema = z.array(z.string().min(1).max(200)).max(100).default([])

/** Whom a rule, route or window concerns; `*` in a name stands for any characters, an empty list for whatever it is. */
export const alertMatchSchema = z.strictObject({
  pipelines: namesSchema,
  datasets: namesSchema,
  owners: namesSchema,
  tags: namesSchema,
})

export const incidentMatchSchema = alertMatchSchema.extend({
  kinds: z.array(z.enum(ALERT_KINDS)).default([]),
  severities: z.array(z.enum(SEVERITIES)).default([]),
})
