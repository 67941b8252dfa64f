import type { DatasetDocument } from "../contracts/dataset-document.ts"
import type { WorkspaceProblem } from "../contracts/manifest.ts"
import type { CallSite } from "./call-site.ts"
import type { PipelineOptions, TaskOptions } from "./pipeline-options.ts"
import type { Work } from "./work.ts"

/** How a task is mapped, as written. */
export interface MapDefinition {
  over: unknown
  label: unknown
}

/** A pipeline as its file declared it, not checked yet. What went wrong on the way is in `faults`. */
export interface PipelineDefinition {
  id: string
  options: PipelineOptions
  tasks: TaskDefinition[]
  groups: GroupDefinition[]
  /** What dbt projects say of the datasets that its tasks build and read. */
  documents: DatasetDocument[]
  faults: Fault[]
  /** Set where the build function threw. */
  error: unknown
  site: CallSite | null
}

export interface TaskDefinition {
  id: string
  group: string | null
  work: Work
  options: TaskOptions
  /** As written: handles, ids, or whatever else the author passed. */
  dependencies: unknown[]
  /** Setups that it tears down, as written; they are dependencies too. */
  teardownOf: unknown[]
  map: MapDefinition | null
  site: CallSite | null
}

export interface GroupDefinition {
  /** Dotted path. */
  id: string
  parent: string | null
  description: string
  dependencies: unknown[]
  site: CallSite | null
}

export interface Fault {
  rule: WorkspaceProblem["rule"]
  message: string
  site: CallSite | null
}

/**
 * Pipelines declared in this process, in order. Kept under a global symbol: a workspace that brings its own copy of the
 * SDK still reaches the loader.
 */
export function registeredPipelines(): PipelineDefinition[] {
  const key = Symbol.for("headrace.pipelines")
  const store = globalThis as { [key]?: PipelineDefinition[] }
  store[key] ??= []
  return store[key]
}
