import type { PipelineGrid } from "#lib/contracts/api/pipeline-views.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { NO_STATE, stateCode } from "#lib/domain/severity.ts"

/** A row of the grid: a task, or a group that shows the worst of its tasks. */
export interface GridRow {
  /** Task ids and group paths never meet: a group's row is `group/…`. */
  id: string
  kind: "task" | "group"
  label: string
  /** How many groups it stands in. */
  depth: number
  /** For a group: whether its tasks follow. */
  isOpen: boolean
  /** Places in {@link PipelineGrid.tasks} of the tasks it stands for. */
  places: number[]
}

type Shape = Pick<Manifest, "tasks" | "groups">

/**
 * The rows for these tasks: as the definition groups and orders them, a group before its tasks and at the place of its
 * first; what is no longer in the definition follows, in no group. Rows inside a closed group are left out.
 */
export function gridRows(taskIds: readonly string[], shape: Shape | null, closed: ReadonlySet<string>): GridRow[] {
  const places = new Map(taskIds.map((id, place) => [id, place]))
  const groups = new Map((shape?.groups ?? []).map((group) => [group.id, group]))
  const rows: GridRow[] = []
  const groupRows = new Map<string, GridRow>()
  const known = new Set<string>()
  // Of each group its rows, so that a task that is declared late still stands with its group.
  const inside = new Map<string | null, GridRow[]>([[null, []]])

  const groupRow = (id: string): GridRow => {
    const before = groupRows.get(id)
    if (before) return before
    const parent = parentOf(id)
    const depth = parent === null ? 0 : groupRow(parent).depth + 1
    const label = id.slice(id.lastIndexOf(".") + 1)
    const row: GridRow = { id: `group/${id}`, kind: "group", label, depth, isOpen: !closed.has(id), places: [] }
    groupRows.set(id, row)
    inside.set(id, [])
    inside.get(parent)!.push(row)
    return row
  }
  const parentOf = (id: string) => groups.get(id)?.parent ?? null

  for (const task of shape?.tasks ?? []) {
    const place = places.get(task.id)
    if (place === undefined) continue
    known.add(task.id)
    const depth = task.group === null ? 0 : groupRow(task.group).depth + 1
    inside.get(task.group)!.push(taskRow(task.id, depth, place))
    for (let at = task.group; at !== null; at = parentOf(at)) groupRow(at).places.push(place)
  }
  const collect = (group: string | null) => {
    for (const row of inside.get(group) ?? []) {
      rows.push(row)
      if (row.kind === "group" && row.isOpen) collect(row.id.slice("group/".length))
    }
  }
  collect(null)
  for (const [id, place] of places) if (!known.has(id)) rows.push(taskRow(id, 0, place))
  return rows
}

function taskRow(id: string, depth: number, place: number): GridRow {
  return { id, kind: "task", label: id, depth, isOpen: false, places: [place] }
}

/** A row's cells as one text, a letter a run: equal texts, equal pictures, so an unchanged row is not drawn again. */
export function cellsOf(runs: readonly { states: string }[], row: GridRow): string {
  const only = row.places.length === 1 ? row.places[0]! : null
  let cells = ""
  for (const { states } of runs) cells += only === null ? worst(states, row.places) : (states[only] ?? NO_STATE)
  return cells
}

function worst(states: string, places: readonly number[]): string {
  let least = NO_STATE
  for (const place of places) {
    const code = states[place]
    if (code !== undefined && code < least) least = code
  }
  return least
}

/** A cell: places in the grid's runs and tasks. */
export interface GridPlace {
  run: number
  task: number
}

const FAILED = stateCode("failed")

/** All failed cells, newest run first, in each as the tasks are ordered. */
export function failuresOf(grid: Pick<PipelineGrid, "runs">): GridPlace[] {
  const found: GridPlace[] = []
  for (let run = grid.runs.length - 1; run >= 0; run--) {
    const { states } = grid.runs[run]!
    for (let task = states.indexOf(FAILED); task !== -1; task = states.indexOf(FAILED, task + 1)) {
      found.push({ run, task })
    }
  }
  return found
}

/** The failure after (or before) a cell in the order of {@link failuresOf}, round and round; null where none failed. */
export function nextFailure(
  failures: readonly GridPlace[],
  from: GridPlace | null,
  step: 1 | -1 = 1,
): GridPlace | null {
  if (failures.length === 0) return null
  if (from === null) return (step === 1 ? failures[0] : failures.at(-1)) ?? null
  const compare = (one: GridPlace) => from.run - one.run || one.task - from.task
  const next = step === 1 ? failures.find((one) => compare(one) > 0) : failures.findLast((one) => compare(one) < 0)
  return next ?? (step === 1 ? failures[0]! : failures.at(-1)!)
}

/** The groups that hide a task, outermost first. */
export function groupsAround(shape: Shape | null, taskId: string): string[] {
  const parents = new Map((shape?.groups ?? []).map((group) => [group.id, group.parent]))
  const groups: string[] = []
  let at = shape?.tasks.find((task) => task.id === taskId)?.group ?? null
  for (; at !== null; at = parents.get(at) ?? null) groups.unshift(at)
  return groups
}

/** From this size on, groups start closed: nobody reads thousands of rows from the top. */
const MANY_TASKS = 200

/** The groups that are closed until a person opens them. */
export function initiallyClosed(shape: Shape | null): string[] {
  return shape && shape.tasks.length > MANY_TASKS ? shape.groups.map((group) => group.id) : []
}
