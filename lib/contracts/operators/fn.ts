import { z } from "zod"
import { jsonSchema } from "../json.ts"
import { connectionNameSchema } from "./table-name.ts"

/**
 * Options of `fn`: a function of the author, called in a child process with a context and `inputs`. What it returns, an
 * object, becomes the task's outputs.
 */
export const fnOptionsSchema = z.strictObject({
  /** Values for the function's second argument, references to outputs, params and the run among them. */
  inputs: z.record(z.string(), jsonSchema).default({}),
  /** Connections that `ctx.query` may use. */
  connections: z.array(connectionNameSchema).default(["warehouse"]),
})
export type FnOptions = z.output<typeof fnOptionsSchema>

/** A function's datasets are what the task's own `reads` and `writes` say. */
export function fnDatasets(_options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: [], writes: [] }
}
