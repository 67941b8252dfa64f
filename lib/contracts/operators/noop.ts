import { z } from "zod"

/** Options of `noop`, which does nothing: a place where branches meet. */
export const noopOptionsSchema = z.strictObject({})
export type NoopOptions = z.output<typeof noopOptionsSchema>

/** Nothing reads and writes nothing. */
export function noopDatasets(_options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: [], writes: [] }
}
