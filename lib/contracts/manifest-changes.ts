import type { Manifest, ManifestTask } from "./manifest.ts"

/** A field that differs, named as people say it, with both values as text; an empty text stands for none. */
export interface FieldChange {
  field: string
  before: string
  after: string
}

export interface TaskChange {
  taskId: string
  change: "added" | "removed" | "changed"
  /** What differs; empty for tasks that came or went. */
  fields: FieldChange[]
  /** Files it executes whose text changed. */
  files: string[]
}

export interface ManifestChanges {
  /** Of the pipeline itself: schedule, partition, limits … */
  settings: FieldChange[]
  /** In the order of the newer manifest; those that are gone follow. */
  tasks: TaskChange[]
}

/**
 * What a person would say changed between two versions: settings, and task by task. Where a task is declared does not
 * count, nor does the order of lists that have none. `changedFiles` are paths whose text differs.
 */
export function manifestChanges(
  before: Manifest,
  after: Manifest,
  changedFiles: ReadonlySet<string> = new Set(),
): ManifestChanges {
  const old = new Map(before.tasks.map((task) => [task.id, task]))
  const kept = new Set(after.tasks.map((task) => task.id))
  const tasks = after.tasks.flatMap((task): TaskChange[] => {
    const was = old.get(task.id)
    if (!was) return [{ taskId: task.id, change: "added", fields: [], files: [] }]
    const fields = fieldChanges(was, task, TASK_IGNORED)
    const files = filesOf(task).filter((file) => changedFiles.has(file))
    return fields.length > 0 || files.length > 0 ? [{ taskId: task.id, change: "changed", fields, files }] : []
  })
  const gone = before.tasks.flatMap((task): TaskChange[] =>
    kept.has(task.id) ? [] : [{ taskId: task.id, change: "removed", fields: [], files: [] }],
  )
  return { settings: fieldChanges(before, after, SETTINGS_IGNORED), tasks: [...tasks, ...gone] }
}

const TASK_IGNORED = new Set(["id", "source"])
const SETTINGS_IGNORED = new Set(["id", "tasks", "groups", "file", "docs"])
/** Lists that are sets: their order says nothing. */
const UNORDERED = new Set(["upstream", "reads", "writes", "tags"])

function fieldChanges(before: object, after: object, ignored: ReadonlySet<string>): FieldChange[] {
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>]
  const names = [...new Set([...Object.keys(now), ...Object.keys(old)])].filter((name) => !ignored.has(name))
  return names.flatMap((name) => {
    const isOpened = isObject(old[name]) && isObject(now[name])
    if (isOpened) {
      const inner = fieldChanges(old[name] as object, now[name] as object, NOTHING)
      return inner.map((change) => ({ ...change, field: `${wordsOf(name)} ${change.field}` }))
    }
    const [was, is] = [textOf(name, old[name]), textOf(name, now[name])]
    return was === is ? [] : [{ field: wordsOf(name), before: was, after: is }]
  })
}
const NOTHING: ReadonlySet<string> = new Set()

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Keys of objects in one order, so that the same value is the same text. */
function textOf(name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return ""
  if (Array.isArray(value)) {
    const texts = value.map((one) => textOf(name, one))
    return (UNORDERED.has(name) ? texts.toSorted() : texts).join(", ")
  }
  if (typeof value !== "object") return String(value)
  return JSON.stringify(Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))))
}

/** `triggerRule` → `trigger rule`. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

/** Texts among a task's options that may name files of the workspace. */
function filesOf(task: ManifestTask): string[] {
  return Object.values(task.options).filter((value): value is string => typeof value === "string")
}
