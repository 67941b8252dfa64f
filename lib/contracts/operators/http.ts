import { z } from "zod"
import { jsonSchema } from "../json.ts"
import { durationOptionSchema } from "./duration-option.ts"

/**
 * Options of `http`: one request. `{{env.NAME}}` in the URL, a header or the body stands for the worker's
 * `HEADRACE_ENV_NAME`, so that secrets stay out of the manifest.
 */
export const httpOptionsSchema = z.strictObject({
  url: z.string().min(1),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]).default("GET"),
  headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, "not a header name"), z.string()).default({}),
  /** Sent as it is when text, else as JSON. */
  body: jsonSchema.optional(),
  /** Statuses that count as success; left out: 200 to 299. */
  expectStatus: z.union([z.int().min(100).max(599), z.array(z.int().min(100).max(599)).min(1)]).optional(),
  timeout: durationOptionSchema.default("30s"),
  /** Keep the answer as output `body` (parsed where it is JSON), at most 256 kB. */
  save: z.boolean().default(true),
})
export type HttpOptions = z.output<typeof httpOptionsSchema>

/** An HTTP request names no datasets. */
export function httpDatasets(_options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: [], writes: [] }
}
