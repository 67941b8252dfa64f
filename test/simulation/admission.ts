import assert from "node:assert/strict"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import type { Rules } from "./rules.ts"
import { everyTaskRun, plannedOf, type TaskRun, type World } from "./world.ts"

/** Slots and tickets: who may be claimed, in which order. */
export class Admission {
  private readonly world: World
  private readonly rules: Rules

  constructor(world: World, rules: Rules) {
    this.world = world
    this.rules = rules
  }

  /** Lets task runs that have just become ready go, or wait for slots. */
  admit(ready: readonly TaskRun[]): void {
    for (const taskRun of ready) {
      taskRun.readyAtMs = this.world.nowMs
      taskRun.queuePriority = this.rules.queuePriority(plannedOf(taskRun).priority, new Date(this.world.nowMs))
    }
    const free = ready.filter((taskRun) => plannedOf(taskRun).limits === null)
    for (const taskRun of free) this.ticket(taskRun)
    this.decide(ready.filter((taskRun) => plannedOf(taskRun).limits !== null))
  }

  /** Takes back the slots of task runs that are neither ready nor running any more, and gives them to those who wait. */
  release(taskRuns: readonly TaskRun[]): void {
    for (const taskRun of taskRuns) {
      taskRun.waitingFor = null
      if (this.rules.freesSlots(taskRun.state)) taskRun.slots = []
    }
    this.decide([])
  }

  /** Looks again at who waits; a backstop for what was freed without anybody's notice. */
  decide(fresh: readonly TaskRun[]): void {
    const { world, rules } = this
    const waiting = world.runs
      .filter((run) => !isFinalRunState(run.state))
      .flatMap((run) => everyTaskRun(run).filter((taskRun) => taskRun.waitingFor !== null))
    if (fresh.length + waiting.length === 0) return
    const used = usedSlots(world)
    const limits = new Map([...world.limits].map(([id, capacity]) => [id, { capacity, used: used.get(id) ?? 0 }]))
    const candidates = [...fresh, ...waiting].map((taskRun) => ({
      id: String(taskRun.id),
      queuePriority: taskRun.queuePriority,
      limits: plannedOf(taskRun).limits ?? [],
      taskRun,
    }))
    const { admitted, waiting: stay } = rules.decideAdmission(candidates, limits)
    for (const { candidate, waitingFor } of stay) candidate.taskRun.waitingFor = waitingFor
    for (const { candidate, slots } of admitted) {
      candidate.taskRun.waitingFor = null
      candidate.taskRun.slots = slots
      this.ticket(candidate.taskRun)
    }
    for (const { candidate } of admitted) checkOvertaken(candidate.taskRun, stay)
  }

  /** The tickets that come first, used up. */
  take(count: number): TaskRun[] {
    const byQueue = this.world.tickets.toSorted((a, b) => b.queuePriority - a.queuePriority || a.id - b.id)
    const taken = byQueue.slice(0, Math.max(0, count))
    this.world.tickets = this.world.tickets.filter((taskRun) => !taken.includes(taskRun))
    for (const taskRun of taken) checkAge(this.world, taskRun)
    return taken
  }

  private ticket(taskRun: TaskRun): void {
    if (!this.rules.losesTickets) this.world.tickets.push(taskRun)
  }
}

/** Slots that are held, by limit. */
export function usedSlots(world: World): Map<string, number> {
  const used = new Map<string, number>()
  for (const run of world.runs) {
    if (isFinalRunState(run.state)) continue
    for (const taskRun of everyTaskRun(run)) {
      for (const { id, slots } of taskRun.slots) used.set(id, (used.get(id) ?? 0) + slots)
    }
  }
  return used
}

/** Nobody goes past those who wait at one of his limits and came first. */
function checkOvertaken(taskRun: TaskRun, waiting: readonly { candidate: { taskRun: TaskRun }; waitingFor: string }[]) {
  const limits = new Set((plannedOf(taskRun).limits ?? []).map(({ id }) => id))
  for (const { candidate, waitingFor } of waiting) {
    if (!limits.has(waitingFor)) continue
    assert(
      candidate.taskRun.queuePriority <= taskRun.queuePriority,
      `task run ${taskRun.id} went past ${candidate.taskRun.id} at ${waitingFor}`,
    )
  }
}

/** A second of waiting weighs one point of priority; whoever is claimed weighs no less than those who stay, now. */
function checkAge(world: World, claimed: TaskRun): void {
  const weight = (taskRun: TaskRun) => plannedOf(taskRun).priority + (world.nowMs - taskRun.readyAtMs) / 1_000
  for (const other of world.tickets) {
    // Both are rounded to a second.
    if (other.state !== "ready" || weight(other) <= weight(claimed) + 1) continue
    assert.fail(`task run ${claimed.id} was claimed before ${other.id}, which has waited for longer than it outweighs`)
  }
}
