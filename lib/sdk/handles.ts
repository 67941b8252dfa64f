import type { PipelineDefinition } from "./definition.ts"
import type { Dependency } from "./pipeline-options.ts"
import { type MappedRefTo, outputRef, type RefTo } from "./ref.ts"

/** A task that was declared. */
export interface TaskHandle<Outputs = unknown> {
  readonly id: string
  /** References to the task's outputs, to be passed as options or inputs of other tasks, which then wait for it. */
  readonly output: RefTo<Outputs>
  /** Makes this task wait for others; a group means all its last tasks. */
  after(...dependencies: (Dependency | Dependency[])[]): TaskHandle<Outputs>
  /** Makes this task the tear-down of setups: it runs when one of them succeeded, whatever happened in between. */
  teardown(...setups: (AnyTask | string)[]): TaskHandle<Outputs>
}

/** Any task that was declared, mapped or not, whatever its outputs are. */
export interface AnyTask {
  readonly id: string
  readonly output: unknown
}

/** A mapped task that was declared. */
export interface MappedTaskHandle<Outputs = unknown> {
  readonly id: string
  /** References to the outputs of all instances: lists in the order of the items, null for skipped ones. */
  readonly output: MappedRefTo<Outputs>
  /** Makes this task wait for others; a group means all its last tasks. */
  after(...dependencies: (Dependency | Dependency[])[]): MappedTaskHandle<Outputs>
}

/** A group that was declared. */
export interface GroupHandle {
  /** Dotted path of the group. */
  readonly id: string
  /** Makes every first task of this group wait for others; a group means all its last tasks. */
  after(...dependencies: (Dependency | Dependency[])[]): GroupHandle
}

/** What a handle stands for. */
export interface Node {
  kind: "task" | "group"
  id: string
  pipeline: PipelineDefinition
}

const NODE = Symbol("headrace.node")

export function taskHandle<Outputs>(
  pipeline: PipelineDefinition,
  id: string,
  dependencies: unknown[],
  teardownOf: unknown[],
): TaskHandle<Outputs> {
  const handle: TaskHandle<Outputs> & { [NODE]: Node } = {
    id,
    output: outputRef(id) as unknown as RefTo<Outputs>,
    after(...more: unknown[]) {
      dependencies.push(...more.flat())
      return handle
    },
    teardown(...setups: unknown[]) {
      dependencies.push(...setups)
      teardownOf.push(...setups)
      return handle
    },
    [NODE]: { kind: "task", id, pipeline } satisfies Node,
  }
  return handle
}

export function groupHandle(pipeline: PipelineDefinition, id: string, dependencies: unknown[]): GroupHandle {
  const handle = {
    id,
    after(...more: unknown[]) {
      dependencies.push(...more.flat())
      return handle
    },
    [NODE]: { kind: "group", id, pipeline } satisfies Node,
  }
  return handle
}

/** What stands behind a handle, or null for anything else. */
export function nodeOf(value: unknown): Node | null {
  if (typeof value !== "object" || value === null) return null
  return (value as { [NODE]?: Node })[NODE] ?? null
}
