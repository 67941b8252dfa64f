import { isFinalTaskRunState } from "#lib/domain/task-run-state.ts"
import { areAllFinal, TEARDOWN_RULE } from "#lib/domain/trigger-rule.ts"
import type { Admission } from "./admission.ts"
import { moveTaskRun } from "./move.ts"
import type { Rules } from "./rules.ts"
import type { Random } from "./seeded.ts"
import { countStates, newTaskRun, outcomeOf, plannedOf, type Run, type TaskRun, taskOf, type World } from "./world.ts"

/** Carries outcomes down the graph: choices, instances, trigger rules. Gives how many task runs became final on the way. */
export class Carry {
  private readonly world: World
  private readonly rules: Rules
  private readonly admission: Admission
  private readonly random: Random

  constructor(world: World, rules: Rules, admission: Admission, random: Random) {
    this.world = world
    this.rules = rules
    this.admission = admission
    this.random = random
  }

  outcomes(run: Run, finished: readonly TaskRun[]): number {
    let ended = 0
    for (let wave = finished; wave.length > 0; ) {
      const ruledOut = this.skipRuledOut(run, wave)
      const settled = this.settleInstances(wave)
      const decided = this.decide(this.countOutcomes(run, wave))
      wave = [...ruledOut, ...settled, ...decided]
      ended += wave.length
    }
    return ended
  }

  /** Decides all that is pending; for a start, and after a clear or a mark. */
  pending(run: Run, alreadyEnded: readonly TaskRun[] = []): number {
    const ruledOut = this.rules.choicesStand ? this.skipRuledOut(run, run.taskRuns) : []
    const decided = this.decide(run.taskRuns.filter((taskRun) => taskRun.state === "pending"))
    const first = [...alreadyEnded, ...ruledOut, ...decided]
    return first.length + this.outcomes(run, first)
  }

  /** Counts the upstream outcomes of pending task runs anew. */
  recount(run: Run): void {
    for (const taskRun of run.taskRuns) {
      if (taskRun.state !== "pending") continue
      const upstream = run.pipeline.upstream[taskRun.position]!.map((position) => run.taskRuns[position]!)
      Object.assign(taskRun, countStates(upstream))
    }
  }

  /** Counts the instances of mapped task runs anew, lets more go, and gives the task runs that ended thereby. */
  recountInstances(mapped: readonly TaskRun[]): TaskRun[] {
    return mapped.filter((taskRun) => {
      if (!taskRun.mapped) return false
      Object.assign(taskRun.mapped, countStates(taskRun.instances), { nextIndex: 0 })
      return this.settle(taskRun)
    })
  }

  private skipRuledOut(run: Run, deciders: readonly TaskRun[]): TaskRun[] {
    const ruledOut = new Set(
      deciders.flatMap((taskRun) => (taskRun.state === "success" ? (taskRun.choice?.skips ?? []) : [])),
    )
    return run.taskRuns.filter((taskRun) => {
      if (taskRun.state !== "pending" || !ruledOut.has(taskOf(taskRun).id)) return false
      moveTaskRun(taskRun, "skip")
      return true
    })
  }

  private countOutcomes(run: Run, finished: readonly TaskRun[]): TaskRun[] {
    const touched = new Set<TaskRun>()
    for (const from of finished) {
      if (from.parent) continue
      for (const position of plannedOf(from).downstream) {
        const taskRun = run.taskRuns[position]!
        if (taskRun.state !== "pending") continue
        taskRun[outcomeOf(from)]++
        touched.add(taskRun)
      }
    }
    return [...touched]
  }

  /** Those that became final by the decision. */
  private decide(pending: readonly TaskRun[]): TaskRun[] {
    const ready: TaskRun[] = []
    const final = pending.filter((taskRun) => {
      const { triggerRule, upstreamTotal } = plannedOf(taskRun)
      const counts = { ...taskRun, total: upstreamTotal }
      if (triggerRule === TEARDOWN_RULE && areAllFinal(counts)) Object.assign(counts, { setups: setupsOf(taskRun) })
      const decision = this.rules.decideTrigger(triggerRule, counts)
      if (decision === "wait") return false
      if (decision === "release" && taskOf(taskRun).map) return this.expand(taskRun)
      moveTaskRun(taskRun, decision)
      taskRun.releasedAt = ++this.world.moment
      if (decision === "release") ready.push(taskRun)
      return decision !== "release"
    })
    this.admission.admit(ready)
    return final
  }

  /** Turns a task run into instances of a list of random length; true where that ended it. */
  private expand(taskRun: TaskRun): boolean {
    const { map } = taskOf(taskRun)
    const list = this.random.chance(0.1) ? null : Array.from({ length: this.random.below(6) }, (_, index) => index)
    const plan = this.rules.planExpansion(list, { limit: 4, labelOf: () => null })
    if (plan.kind !== "expand") {
      moveTaskRun(taskRun, plan.kind === "skip" ? "skip" : "fail")
      return true
    }
    moveTaskRun(taskRun, "expand")
    const total = plan.instances.length
    taskRun.instances.length = Math.min(taskRun.instances.length, total)
    for (const instance of taskRun.instances) {
      instance.state = "pending"
      instance.attemptsBefore = instance.attemptCount
    }
    while (taskRun.instances.length < total) {
      taskRun.instances.push(newTaskRun(taskRun.run, taskRun.position, taskRun))
    }
    taskRun.run.unfinished += total
    taskRun.mapped = { total, success: 0, failed: 0, skipped: 0, nextIndex: 0 }
    this.releaseInstances(taskRun, this.rules.freePlaces(map!.maxActive, 0, total))
    return false
  }

  private settleInstances(finished: readonly TaskRun[]): TaskRun[] {
    const parents = new Set<TaskRun>()
    for (const taskRun of finished) {
      const counts = taskRun.parent?.mapped
      if (!counts) continue
      counts[outcomeOf(taskRun)]++
      parents.add(taskRun.parent!)
    }
    return [...parents].filter((parent) => parent.state === "mapped" && this.settle(parent))
  }

  /** Ends a mapped task run whose instances are all final, or lets more of them go; true where it ended. */
  private settle(taskRun: TaskRun): boolean {
    const { maxActive, tolerance } = taskOf(taskRun).map!
    const outcome = this.rules.judgeInstances(taskRun.mapped!, tolerance)
    if (outcome !== "wait") {
      moveTaskRun(taskRun, outcome === "success" ? "succeed" : outcome === "failed" ? "fail" : "skip")
      return true
    }
    const waiting = taskRun.instances.filter(({ state }) => state === "pending").length
    const active = taskRun.instances.filter(({ state }) => state !== "pending" && !isFinalTaskRunState(state)).length
    this.releaseInstances(taskRun, this.rules.freePlaces(maxActive, active, waiting))
    return false
  }

  private releaseInstances(taskRun: TaskRun, places: number): void {
    const next = taskRun.instances.filter(({ state }) => state === "pending").slice(0, places)
    for (const instance of next) moveTaskRun(instance, "release")
    this.admission.admit(next)
  }
}

function setupsOf(taskRun: TaskRun): { success: number; failed: number; skipped: number } {
  const setups = taskOf(taskRun).teardownOf ?? []
  return countStates(taskRun.run.taskRuns.filter((each) => setups.includes(taskOf(each).id)))
}
