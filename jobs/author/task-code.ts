import { realpathSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { type PipelineDefinition, registeredPipelines, type TaskDefinition } from "#lib/sdk/definition.ts"
import type { AuthorFunctions } from "#lib/sdk/work.ts"
import type { AuthorHook } from "./author-call.ts"
import { installModuleHooks, isInside } from "./module-hooks.ts"

/** Folders of the versions whose code was loaded in this process: each has its own modules. */
const roots = new Set<string>()
const pipelines = new Map<string, PipelineDefinition>()

/** Makes author code importable; once a process, before the first `loadTask`. */
export function allowAuthorCode(workspaceDir: string): void {
  installModuleHooks({
    workspaceDir,
    rootOf: (file) => {
      for (const root of roots) if (isInside(root, file)) return root
      return null
    },
  })
}

/** The real path of a version's folder, under which its modules appear in stacks. */
export function codeRoot(codeDir: string): string {
  const root = realpathSync(codeDir)
  roots.add(root)
  return root
}

/** The task as its file declares it. The file is imported once a process and version. */
export async function loadTask(
  root: string,
  file: string,
  pipelineId: string,
  taskId: string,
): Promise<TaskDefinition> {
  const key = `${root}\n${pipelineId}`
  if (!pipelines.has(key)) {
    await import(pathToFileURL(path.join(root, file)).href)
    for (const definition of registeredPipelines().splice(0)) {
      const own = `${root}\n${definition.id}`
      if (!pipelines.has(own)) pipelines.set(own, definition)
    }
  }
  const definition = pipelines.get(key)
  if (!definition) throw new Error(`${file} did not declare pipeline "${pipelineId}" when it was run.`)
  if (definition.error !== null) throw definition.error
  const task = definition.tasks.find((other) => other.id === taskId)
  if (!task) throw new Error(`Pipeline "${pipelineId}" did not declare task "${taskId}" when ${file} was run.`)
  return { ...task, options: { ...definition.options.defaults, ...task.options } }
}

/** The author's function that a hook stands for. */
export function functionOf<Hook extends Exclude<AuthorHook, "choose">>(
  task: TaskDefinition,
  hook: Hook,
): NonNullable<AuthorFunctions[Hook]> {
  const functions: AuthorFunctions = { ...task.work.functions, before: task.options.before, after: task.options.after }
  const found = functions[hook]
  if (typeof found !== "function") throw new Error(`Task "${task.id}" has no function for "${hook}".`)
  return found as NonNullable<AuthorFunctions[Hook]>
}
