import type { z } from "zod"
import { didYouMean } from "../domain/closest.ts"
import { callSite } from "./call-site.ts"
import { type MapDefinition, type PipelineDefinition, registeredPipelines } from "./definition.ts"
import { expandDbt, type WrittenDbtSelection } from "./expand-dbt.ts"
import { type GroupHandle, groupHandle, type MappedTaskHandle, type TaskHandle, taskHandle } from "./handles.ts"
import { idProblem, type MapOptions, type PipelineOptions, type TaskOptions } from "./pipeline-options.ts"
import { type Cross, itemRef, type ListOf, paramRef, type Ref, type RefTo, RUN_REFS, runRef } from "./ref.ts"
import type { Work } from "./work.ts"

/** What the build function of a pipeline gets. */
export interface PipelineBuilder<Params extends z.ZodObject> {
  /** Declares a task. Ids are unique in the pipeline, whatever group a task stands in. */
  task<Outputs>(id: string, work: Work<Outputs>, options?: TaskOptions): TaskHandle<Outputs>
  /**
   * Declares a mapped task: it runs once for each item of a list, which may be another task's output. `build` is called
   * once, with a reference to the item.
   */
  map<First, Second, Outputs>(
    id: string,
    over: Cross<First, Second>,
    build: (first: RefTo<First>, second: RefTo<Second>) => Work<Outputs>,
    options?: TaskOptions & MapOptions<[RefTo<First>, RefTo<Second>]>,
  ): MappedTaskHandle<Outputs>
  map<Item, Outputs>(
    id: string,
    over: ListOf<Item>,
    build: (item: RefTo<Item>) => Work<Outputs>,
    options?: TaskOptions & MapOptions<[RefTo<Item>]>,
  ): MappedTaskHandle<Outputs>
  /** Declares a group; the tasks and groups that `build` declares stand in it. */
  group(id: string, build: () => void): GroupHandle
  group(id: string, options: { description?: string }, build: () => void): GroupHandle
  /**
   * Declares a task for each model, seed and snapshot of a selection of a dbt project, in a group, with their tests behind
   * them. What follows a model in the project waits for its tests.
   */
  dbt(selection?: WrittenDbtSelection, options?: DbtTaskOptions): GroupHandle
  /** References to the run's params. */
  params: RefTo<z.output<Params>>
  /** References to the run: instants are ISO 8601 texts in UTC. */
  run: { readonly [Name in Exclude<(typeof RUN_REFS)[number], "partitionKeys">]: Ref<string> } & {
    /** All that the run loads: more than one in a backfill of several partitions a run. */
    readonly partitionKeys: Ref<string[]>
    /** The parts of `partitionKey`: `2026-03-01` and `eu`, each null where the pipeline's partitions have no such part. */
    readonly partition: { readonly time: Ref<string>; readonly key: Ref<string> }
  }
}

/** What all tasks of a dbt project have in common. */
export type DbtTaskOptions = Pick<
  TaskOptions,
  "pool" | "poolSlots" | "concurrency" | "priority" | "retries" | "retryDelay" | "backoff" | "timeout"
>

/**
 * Declares a pipeline. `build` runs at once and declares its tasks; nothing is executed. What is wrong with the
 * declaration is reported with file and line when the workspace is loaded, never thrown here, so that one bad pipeline
 * does not hide the others in its file.
 */
export function pipeline<Params extends z.ZodObject = z.ZodObject<Record<never, never>>>(
  options: PipelineOptions<Params>,
  build: (builder: PipelineBuilder<Params>) => void,
): PipelineDefinition {
  const definition: PipelineDefinition = {
    id: String(options?.id),
    options: { ...options } as PipelineOptions,
    tasks: [],
    groups: [],
    documents: [],
    faults: [],
    error: null,
    site: callSite(),
  }
  try {
    const result: unknown = build(builderFor(definition) as PipelineBuilder<Params>)
    if (result instanceof Promise) {
      result.catch(() => {})
      const message =
        "The build function is async; declare all tasks before it returns, and await in the file's top level."
      definition.faults.push({ rule: "bad_option", message, site: definition.site })
    }
  } catch (error) {
    definition.error = error ?? new Error("nothing was thrown")
  }
  registeredPipelines().push(definition)
  return definition
}

function builderFor(definition: PipelineDefinition): PipelineBuilder<z.ZodObject> {
  const { tasks, groups, faults } = definition
  let currentGroup: string | null = null

  function task<Outputs>(id: string, work: Work<Outputs>, options: TaskOptions = {}): TaskHandle<Outputs> {
    return declare(id, work, options, null)
  }

  function map(id: string, over: unknown, build: (...items: never[]) => Work, options: TaskOptions & MapOptions = {}) {
    const isCross = typeof over === "object" && over !== null && Array.isArray((over as { cross?: unknown }).cross)
    const items = (isCross ? [itemRef(["0"]), itemRef(["1"])] : [itemRef()]) as never[]
    const label = typeof options.label === "function" ? options.label(...items) : undefined
    return declare(id, build(...items), options, { over, label })
  }

  function declare<Outputs>(
    id: string,
    work: Work<Outputs>,
    options: TaskOptions,
    map: MapDefinition | null,
  ): TaskHandle<Outputs> {
    const site = callSite()
    const teardownOf = [options.teardown?.of ?? []].flat() as unknown[]
    const dependencies = [options.upstream ?? [], teardownOf].flat() as unknown[]
    const problem = idProblem("A task", id)
    const first = tasks.find((other) => other.id === id)
    if (problem) {
      faults.push({ rule: "bad_id", message: problem, site })
    } else if (first) {
      const where = first.site ? `; the first stands in line ${first.site.line}` : ""
      const message = `The pipeline has two tasks "${id}"${where}. Give each task an id of its own.`
      faults.push({ rule: "duplicate_task", message, site })
    } else if (typeof work?.operator !== "string") {
      const message = `Task "${id}" has no work; its second argument is sql({…}), fn(…) or the like.`
      faults.push({ rule: "bad_option", message, site })
    } else {
      tasks.push({ id, group: currentGroup, work, options, dependencies, teardownOf, map, site })
    }
    return taskHandle(definition, id, dependencies, teardownOf)
  }

  function group(id: string, second: { description?: string } | (() => void), third?: () => void): GroupHandle {
    const site = callSite()
    const [options, build] = typeof second === "function" ? [{}, second] : [second, third]
    const parent = currentGroup
    const path = parent === null ? id : `${parent}.${id}`
    const dependencies: unknown[] = []
    const problem = idProblem("A group", id)
    if (problem) faults.push({ rule: "bad_id", message: problem, site })
    else if (!groups.some((other) => other.id === path)) {
      groups.push({ id: path, parent, description: options?.description ?? "", dependencies, site })
    } else {
      const message = `The pipeline has two groups "${path}". Give each group an id of its own.`
      faults.push({ rule: "bad_id", message, site })
    }
    currentGroup = path
    try {
      build?.()
    } finally {
      currentGroup = parent
    }
    return groupHandle(definition, path, dependencies)
  }

  function dbt(selection: WrittenDbtSelection = {}, options: DbtTaskOptions = {}): GroupHandle {
    const {
      groupId,
      settings,
      tasks: expanded,
      documents,
    } = expandDbt(selection, (message, place) => {
      const site = callSite()
      faults.push({ rule: "dbt", message, site: place ? { ...place, rootFile: site?.rootFile ?? place.file } : site })
    })
    definition.documents.push(...documents)
    return group(groupId, () => {
      const start = expanded.find(({ place }) => place === "start")
      for (const { id, nodes, upstream, reads, writes, description, place } of expanded) {
        const work: Work =
          nodes.length > 0
            ? { operator: "dbt", options: { ...settings, nodes }, functions: {} }
            : { operator: "noop", options: {}, functions: {} }
        const teardown = place === "end" && start ? { teardown: { of: start.id, failsRun: true } } : {}
        declare(id, work, { ...options, ...teardown, upstream, reads, writes, description }, null)
      }
    })
  }

  return {
    task,
    dbt,
    map: map as PipelineBuilder<z.ZodObject>["map"],
    group,
    params: paramRefs(definition) as never,
    run: {
      ...Object.fromEntries(RUN_REFS.map((name) => [name, runRef(name)])),
      partition: { time: runRef("partition.time"), key: runRef("partition.key") },
    } as PipelineBuilder<z.ZodObject>["run"],
  }
}

/** Known params give references; an unknown one is a fault at the line that asks for it. */
function paramRefs(definition: PipelineDefinition): object {
  const shape = (definition.options.params as { shape?: object } | undefined)?.shape ?? {}
  return new Proxy(
    {},
    {
      get(_target, key) {
        if (typeof key === "symbol") return undefined
        if (!Object.hasOwn(shape, key)) {
          const names = Object.keys(shape)
          const advice = names.length === 0 ? "; declare it in `params: z.object({…})`." : didYouMean(key, names)
          const message = `The pipeline has no param "${key}"${advice}`
          definition.faults.push({ rule: "bad_param", message, site: callSite() })
        }
        return paramRef(key)
      },
    },
  )
}
