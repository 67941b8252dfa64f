import { invert, reachable } from "./dag.ts"
import { TEARDOWN_RULE, type TriggerRule } from "./trigger-rule.ts"

/** What the choice of a branch or short-circuit needs to know of a task. */
export interface ChoiceTask {
  id: string
  group: string | null
  upstream: readonly string[]
  triggerRule: TriggerRule
}

export type BranchChoice = { kind: "skips"; skips: string[] } | { kind: "unknown"; name: string; choices: string[] }

/**
 * The tasks that a branch leaves aside when its function names `follow`: its direct downstreams but the named ones and
 * those behind them (where two ways meet, the meeting point is on the way that was taken). A group stands for the direct
 * downstreams inside it. Tear-downs follow their setup and are never left aside. As Airflow's branch operators.
 */
export function branchSkips(tasks: readonly ChoiceTask[], taskId: string, follow: readonly string[]): BranchChoice {
  const direct = tasks.filter((task) => task.upstream.includes(taskId))
  const followed = new Set<string>()
  for (const name of follow) {
    const named = direct.filter((task) => task.id === name || isInside(task.group, name))
    if (named.length === 0) return { kind: "unknown", name, choices: direct.map((task) => task.id) }
    for (const task of named) followed.add(task.id)
  }
  const taken = reachable(downstreamOf(tasks), followed)
  const skips = direct.filter((task) => !taken.has(task.id) && task.triggerRule !== TEARDOWN_RULE)
  return { kind: "skips", skips: skips.map((task) => task.id) }
}

/**
 * The tasks that a short-circuit skips: everything behind it whatever their trigger rules, or only its direct
 * downstreams, from which trigger rules carry on. Tear-downs follow their setup and are never skipped by it.
 */
export function shortCircuitSkips(
  tasks: readonly ChoiceTask[],
  taskId: string,
  ignoreDownstreamTriggerRules: boolean,
): string[] {
  const behind = ignoreDownstreamTriggerRules
    ? reachable(downstreamOf(tasks), [taskId])
    : new Set(tasks.filter((task) => task.upstream.includes(taskId)).map((task) => task.id))
  return tasks
    .filter((task) => task.id !== taskId && behind.has(task.id) && task.triggerRule !== TEARDOWN_RULE)
    .map((task) => task.id)
}

function downstreamOf(tasks: readonly ChoiceTask[]): Map<string, string[]> {
  return invert(new Map(tasks.map((task) => [task.id, task.upstream])))
}

function isInside(group: string | null, path: string): boolean {
  return group !== null && (group === path || group.startsWith(`${path}.`))
}
