import { z } from "zod"
import { splitPartitionKey } from "../domain/partition-scheme.ts"
import type { Json, JsonObject } from "./json.ts"

/**
 * References inside a task's options: values that are known only when the task runs. See `manifest.ts` for their form.
 */
const referenceSchema = z.union([
  z.strictObject({ $output: z.object({ task: z.string(), path: z.array(z.string()) }) }),
  z.strictObject({ $param: z.string() }),
  z.strictObject({
    $run: z.enum([
      "intervalStart",
      "intervalEnd",
      "logicalAt",
      "partitionKey",
      "partitionKeys",
      "partition.time",
      "partition.key",
      "runId",
    ]),
  }),
  z.strictObject({ $item: z.array(z.string()) }),
])
export type Reference = z.infer<typeof referenceSchema>

export function asReference(value: unknown): Reference | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null
  const [key, ...more] = Object.keys(value)
  if (more.length > 0 || !MARKERS.has(key ?? "")) return null
  const parsed = referenceSchema.safeParse(value)
  return parsed.success ? parsed.data : null
}

const MARKERS: ReadonlySet<string> = new Set(["$output", "$param", "$run", "$item"])

/** Ids of the tasks whose outputs the options take. */
export function referencedTasks(options: Json): string[] {
  const found = new Set<string>()
  walk(options, (reference) => {
    if ("$output" in reference) found.add(reference.$output.task)
    return null
  })
  return [...found]
}

export interface ReferenceValues {
  /** Outputs by task id; of a mapped task a list in map order, null for instances that left nothing behind. */
  outputs: Record<string, TaskOutputs>
  params: JsonObject
  run: RunValues
  /** The item of an instance of a mapped task. */
  item?: Json
}

/** The run's own values. */
export type RunValues = Record<
  "intervalStart" | "intervalEnd" | "logicalAt" | "partitionKey" | "runId",
  string | null
> & {
  partitionKeys: string[]
}

export type TaskOutputs = JsonObject | (JsonObject | null)[]

/** The options with every reference replaced by its value; null where an output has no such part. */
export function resolveReferences(options: JsonObject, values: ReferenceValues): JsonObject {
  return resolveValue(options, values) as JsonObject
}

/** {@link resolveReferences} for any value. A reference into a mapped task's outputs is a list, one part an instance. */
export function resolveValue(value: Json, values: ReferenceValues): Json {
  return walk(value, (reference) => {
    if ("$param" in reference) return values.params[reference.$param] ?? null
    if ("$run" in reference) return runValue(values.run, reference.$run)
    if ("$item" in reference) return valueAt(values.item ?? null, reference.$item)
    const { task, path } = reference.$output
    const outputs = values.outputs[task] ?? null
    return Array.isArray(outputs) ? outputs.map((one) => valueAt(one, path)) : valueAt(outputs, path)
  })
}

function runValue(run: RunValues, name: Extract<Reference, { $run: unknown }>["$run"]): Json {
  if (name === "partition.time") return splitPartitionKey(run.partitionKey).time
  if (name === "partition.key") return splitPartitionKey(run.partitionKey).key
  return run[name]
}

function walk(value: Json, replace: (reference: Reference) => Json): Json {
  const reference = asReference(value)
  if (reference) return replace(reference)
  if (Array.isArray(value)) return value.map((item) => walk(item, replace))
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, replace)]))
  }
  return value
}

function valueAt(value: Json, path: readonly string[]): Json {
  let current = value
  for (const part of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, part)) return null
    current = (current as Record<string, Json>)[part] ?? null
  }
  return current
}
