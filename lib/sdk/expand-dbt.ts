import path from "node:path"
import type { z } from "zod"
import type { JsonObject } from "../contracts/json.ts"
import { type DbtOptions, type DbtSelection, dbtSelectionSchema } from "../contracts/operators/dbt.ts"
import type { ExpandedProject } from "../models/command/expand-project.ts"
import type { ProjectError } from "../models/project/project-error.ts"
import { type Ref, refMarker } from "./ref.ts"

/** How a project is read: what the loader of workspaces has, and a process that runs a single function has not. */
export type DbtExpander = (selection: DbtSelection) => ExpandedProject

/** A selection as authors write it: a var may be a reference, such as a param of the pipeline. */
export type WrittenDbtSelection = Omit<z.input<typeof dbtSelectionSchema>, "vars"> & {
  vars?: { readonly [name: string]: JsonObject[string] | Ref<JsonObject[string]> }
}

// A global, as a workspace may bring a copy of the SDK of its own.
const KEY = Symbol.for("headrace.dbt")

/** Lets `dbt()` read projects in this process. Elsewhere it declares nothing, as no task is looked for there. */
export function provideDbtExpander(expand: DbtExpander): void {
  const store = globalThis as { [KEY]?: DbtExpander }
  store[KEY] = expand
}

/**
 * The tasks of a selection, and the options that all of them share; what is wrong goes to `fault`. A var whose value is known
 * only when the tasks run has, while they are declared, the one that the project itself gives it.
 */
export function expandDbt(
  written: WrittenDbtSelection,
  fault: (message: string, place?: { file: string; line: number }) => void,
): { groupId: string; settings: Omit<DbtOptions, "nodes"> } & Omit<ExpandedProject, "warnings"> {
  const vars = Object.entries(written.vars ?? {})
  const references = Object.fromEntries(vars.filter(([, value]) => refMarker(value))) as JsonObject
  const known = Object.fromEntries(vars.filter(([, value]) => !refMarker(value)))
  const parsed = dbtSelectionSchema.safeParse({ ...written, vars: known })
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      fault(`dbt(): option ${issue.path.join(".") || "selection"}: ${issue.message}.`)
    return {
      groupId: "dbt",
      settings: { project: "dbt", schema: "analytics", vars: {}, fullRefresh: false },
      ...NOTHING,
    }
  }
  const selection = parsed.data
  const { project, schema, fullRefresh } = selection
  const settings = { project, schema, vars: { ...selection.vars, ...references }, fullRefresh }
  const groupId = groupOf(selection)
  const answer = { groupId, settings }
  const expand = (globalThis as { [KEY]?: DbtExpander })[KEY]
  if (!expand) return { ...answer, ...NOTHING }
  try {
    const { tasks, documents, warnings } = expand({ ...selection, group: groupId })
    if (tasks.length === 0)
      fault(`dbt(): nothing of ${project} is selected${warnings.map((each) => `; ${each}`).join("")}.`)
    return { ...answer, tasks, documents }
  } catch (error) {
    const problems = (error as Partial<ProjectError>).problems
    if (!problems) fault(error instanceof Error ? error.message : String(error))
    for (const { file, line, message } of problems ?? []) {
      // Workspaces are loaded from within their folder.
      if (file === undefined) fault(message)
      else fault(message, { file: path.resolve(project, file), line: line ?? 1 })
    }
    return { ...answer, ...NOTHING }
  }
}

const NOTHING = { tasks: [], documents: [] }

function groupOf({ group, select }: DbtSelection): string {
  if (group !== undefined) return group
  const [only, ...more] = select === undefined ? [] : [select].flat()
  return only !== undefined && more.length === 0 && /^[A-Za-z][A-Za-z0-9_-]*$/.test(only) ? only : "dbt"
}
