import { z } from "zod"
import { BAND_METHODS } from "../../domain/anomaly/expected-band.ts"
import { DIRECTIONS } from "../../domain/anomaly/judge-point.ts"
import { COLUMN_METRICS } from "../../domain/anomaly/metric.ts"
import { validateTimezone } from "../../domain/cron-rule.ts"
import { columnNameSchema } from "../operators/table-name.ts"

/** How a series is judged; what is left out stands as the level above has it. */
const tuning = {
  /** `seasonal`: trend, weekday or hour, robust. `zscore`: mean and standard deviation of the look-back. */
  method: z.enum(BAND_METHODS).optional(),
  /** Half of the band in standard deviations: 3.5 (seasonal) or 3 (zscore) unless said. */
  sensitivity: z.number().min(0.5).max(20).optional(),
  minPoints: z.int().min(3).max(500).optional(),
  lookback: z.int().min(3).max(1_000).optional(),
  /** Differences below this share of what is expected are never unusual. */
  minChange: z.number().min(0).max(10).optional(),
  /** Which side of the band counts. */
  direction: z.enum(DIRECTIONS).optional(),
  severity: z.enum(["warn", "error"]).optional(),
}
const tuningSchema = z.strictObject(tuning)
export type Tuning = z.output<typeof tuningSchema>

/** Which measurements of a table are watched for the unusual: section `anomalies` of its policy. */
export const anomaliesSectionSchema = z
  .strictObject({
    ...tuning,
    /** Days and hours are those of this zone. */
    timezone: z.string().default("UTC"),
    /** How many rows there are, and how many each load or partition brings. */
    volume: z.union([z.boolean(), tuningSchema]).default(true),
    /** Columns that are measured: with what is usual for their type, or with what is named. */
    columns: z
      .array(
        z.union([
          columnNameSchema,
          z.strictObject({ column: columnNameSchema, metrics: z.array(z.enum(COLUMN_METRICS)).min(1), ...tuning }),
        ]),
      )
      .max(100)
      .default([]),
  })
  .superRefine(({ timezone, ...section }, context) => {
    const problem = validateTimezone(timezone)
    if (problem) context.addIssue({ code: "custom", path: ["timezone"], message: problem.message })
    const names = section.columns.map((entry) => (typeof entry === "string" ? entry : entry.column))
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) context.addIssue({ code: "custom", path: ["columns"], message: `${twice} is named twice` })
  })
export type AnomaliesSection = z.output<typeof anomaliesSectionSchema>
