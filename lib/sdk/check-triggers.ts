import { z } from "zod"
import type { PipelineTriggers } from "../domain/trigger-arrivals.ts"
import { checkSchedule } from "./check-schedules.ts"
import { datasetId } from "./dataset-id.ts"
import type { Fault, PipelineDefinition } from "./definition.ts"

const names = z.array(z.string().min(1)).min(1)
const datasetsSchema = z.union([
  z.strictObject({ all: names, latest: z.unknown().optional(), withBackfills: z.boolean().optional() }),
  z.strictObject({ any: names, latest: z.unknown().optional(), withBackfills: z.boolean().optional() }),
])
const afterSchema = z.union([
  z.string().min(1),
  z.strictObject({ pipeline: z.string().min(1), state: z.enum(["success", "failed", "done"]).optional() }),
])
/** Event names stand in addresses. */
export const EVENT_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/

/** What starts the pipeline besides its schedules. A pipeline that would start itself again and again is a fault. */
export function checkTriggers(definition: PipelineDefinition, faults: Fault[]): PipelineTriggers {
  const { datasets, after, events } = definition.options
  const fault = (message: string) => faults.push({ rule: "bad_option", message, site: definition.site })
  return {
    datasets: datasets === undefined ? null : checkDatasets(definition, datasets, faults),
    after: [after ?? []].flat().flatMap((written) => {
      const parsed = afterSchema.safeParse(written)
      if (!parsed.success) {
        fault('option after: write a pipeline\'s id, or { pipeline: "id", state: "success" | "failed" | "done" }.')
        return []
      }
      const given = typeof parsed.data === "string" ? { pipeline: parsed.data } : parsed.data
      if (given.pipeline === definition.id) fault("option after: the pipeline would start itself again and again.")
      return [{ pipeline: given.pipeline, state: given.state ?? "success" }]
    }),
    events: [events ?? []].flat().filter((name) => {
      if (typeof name === "string" && EVENT_NAME.test(name)) return true
      fault(`option events: ${JSON.stringify(name)} is no event name; use up to 100 letters, digits, "_", "-" and ".".`)
      return false
    }),
  }
}

function checkDatasets(
  definition: PipelineDefinition,
  written: unknown,
  faults: Fault[],
): PipelineTriggers["datasets"] {
  const fault = (message: string) => faults.push({ rule: "bad_option", message, site: definition.site })
  const parsed = datasetsSchema.safeParse(written)
  if (!parsed.success) {
    fault(
      'option datasets: write { all: ["schema.table", …] } or { any: […] }, with latest and withBackfills if needed.',
    )
    return null
  }
  const { latest, withBackfills = false } = parsed.data
  const [mode, given] = "all" in parsed.data ? (["all", parsed.data.all] as const) : (["any", parsed.data.any] as const)
  const schedule = latest === undefined ? null : checkSchedule(definition, "datasets.latest", latest, faults)
  const wanted = [...new Set(given.map(datasetId))]
  return {
    mode,
    names: wanted,
    latest: schedule && { ...schedule, key: "datasets latest" },
    withBackfills,
  }
}
