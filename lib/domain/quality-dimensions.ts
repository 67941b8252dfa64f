export const QUALITY_DIMENSIONS = [
  "completeness",
  "validity",
  "uniqueness",
  "consistency",
  "timeliness",
  "volume",
] as const
export type QualityDimension = (typeof QUALITY_DIMENSIONS)[number]
