import type { RunDetail } from "#lib/contracts/api/runs.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"

/** What a node of the graph shows of its task in one run. Flat, so that two are compared field by field. */
export interface TaskStatus {
  state: TaskRunState
  reason: string | null
  startedAt: string | null
  nextAttemptAt: string | null
  durationMs: number | null
  attemptCount: number
  maxAttempts: number
  /** Rows written to all datasets, null where it wrote none. */
  rows: number | null
  /** Of a mapped task: how many instances it has, how many of them are final, and how many failed. */
  instances: number | null
  instancesDone: number
  instancesFailed: number
}

/**
 * The states of one run's tasks outside React: each node listens to its own task, so a change repaints one node and
 * not a graph of a thousand.
 */
export class TaskStatusStore {
  #statuses = new Map<string, TaskStatus>()
  #listeners = new Map<string, Set<() => void>>()

  get(taskId: string): TaskStatus | null {
    return this.#statuses.get(taskId) ?? null
  }

  /** Calls `listener` after the task's status changed; the returned function stops it. */
  subscribe(taskId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(taskId) ?? new Set()
    this.#listeners.set(taskId, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** Takes the new states and tells only those whose task changed. */
  replace(next: ReadonlyMap<string, TaskStatus>): void {
    const before = this.#statuses
    const changed = new Set<string>()
    for (const id of [...before.keys(), ...next.keys()]) if (!isEqual(before.get(id), next.get(id))) changed.add(id)
    // An unchanged status keeps its identity: useSyncExternalStore compares by it.
    this.#statuses = new Map([...next].map(([id, status]) => [id, changed.has(id) ? status : before.get(id)!]))
    for (const id of changed) for (const listener of this.#listeners.get(id) ?? []) listener()
  }
}

/** Each task's status in a run, by task id. */
export function taskStatuses(run: Pick<RunDetail, "taskRuns" | "materializations">): Map<string, TaskStatus> {
  const rows = new Map<string, number>()
  for (const written of run.materializations) {
    rows.set(written.taskId, (rows.get(written.taskId) ?? 0) + written.rowsInserted + written.rowsUpdated)
  }
  return new Map(
    run.taskRuns.map((task) => [
      task.taskId,
      {
        state: task.state,
        reason: task.reason,
        startedAt: task.startedAt,
        nextAttemptAt: task.nextAttemptAt,
        durationMs: task.durationMs,
        attemptCount: task.attemptCount,
        maxAttempts: task.maxAttempts,
        rows: rows.get(task.taskId) ?? null,
        instances: task.instances?.total ?? null,
        instancesDone: task.instances ? task.instances.success + task.instances.failed + task.instances.skipped : 0,
        instancesFailed: task.instances?.failed ?? 0,
      },
    ]),
  )
}

function isEqual(a: TaskStatus | undefined, b: TaskStatus | undefined): boolean {
  if (!a || !b) return a === b
  return (Object.keys(a) as (keyof TaskStatus)[]).every((key) => a[key] === b[key])
}
