import type { ScopedTask } from "./teardown.ts"

/** What a run's definition asks for beyond tasks and edges; looked up at each outcome, so worked out once a version. */
export interface RunShape<Mapping> {
  /** Mapped tasks by id. */
  mapped: ReadonlyMap<string, Mapping>
  /** The setups of each tear-down. */
  setupsOf: ReadonlyMap<string, readonly string[]>
  /** Tasks whose failure does not fail the run. */
  forgiven: readonly string[]
  /** Whether any task decides which others are skipped. */
  hasChoices: boolean
}

/** Operators whose outcome may skip tasks behind them. */
const CHOICES: ReadonlySet<string> = new Set(["branch", "shortCircuit"])

export function shapeOf<Mapping>(
  tasks: readonly (ScopedTask & { operator: string; failsRun: boolean; map: Mapping | null })[],
): RunShape<Mapping> {
  return {
    mapped: new Map(tasks.flatMap((task) => (task.map === null ? [] : [[task.id, task.map]]))),
    setupsOf: new Map(tasks.flatMap((task) => (task.teardownOf?.length ? [[task.id, task.teardownOf]] : []))),
    forgiven: tasks.filter((task) => !task.failsRun).map((task) => task.id),
    hasChoices: tasks.some((task) => CHOICES.has(task.operator)),
  }
}
