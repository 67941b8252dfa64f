import type { PipelineGrid } from "#lib/contracts/api/pipeline-views.ts"
import type { LiveEvent } from "#lib/contracts/api/system.ts"
import { stateCode, TASK_RUN_SEVERITY } from "#lib/domain/severity.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"

const places = new WeakMap<readonly string[], Map<string, number>>()

/**
 * The grid with the new state of one task run written in, so that one cell is drawn again and nothing is read; the very
 * same object where nothing differs. A mapped task is left alone: the event may be of one of its instances.
 */
export function patchGrid(grid: PipelineGrid, event: Extract<LiveEvent, { type: "task_run" }>): PipelineGrid {
  // A cell stands for the whole task.
  if ((event.mapIndex ?? -1) >= 0) return grid
  const index = grid.runs.findIndex((run) => run.id === event.runId)
  const place = placesOf(grid.tasks).get(event.taskId)
  const run = grid.runs[index]
  if (grid.mapped.includes(event.taskId)) return grid
  if (!run || place === undefined || !TASK_RUN_SEVERITY.includes(event.state as TaskRunState)) return grid
  const code = stateCode(event.state as TaskRunState)
  if (run.states[place] === code) return grid
  const states = run.states.slice(0, place) + code + run.states.slice(place + 1)
  return { ...grid, runs: grid.runs.with(index, { ...run, states }) }
}

/** Built once for a list of tasks: a run of thousands sends thousands of events. */
function placesOf(tasks: readonly string[]): Map<string, number> {
  const known = places.get(tasks) ?? new Map(tasks.map((id, place) => [id, place]))
  places.set(tasks, known)
  return known
}
