import { planBackfill } from "#lib/domain/backfill-plan.ts"
import { partitionsBetween } from "#lib/domain/partition.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { CATCHUP_POLICIES, cronSchedule, type Schedule } from "#lib/domain/schedule.ts"
import { planTasks } from "#lib/domain/task-plan.ts"
import { TRIGGER_RULES } from "#lib/domain/trigger-rule.ts"
import { FOLD_POLICIES, GAP_POLICIES } from "#lib/domain/wall-rule.ts"
import { checkInvariants, checkQuiet } from "./invariants.ts"
import { REAL_RULES, type Rules } from "./rules.ts"
import { type Random, seeded } from "./seeded.ts"
import { type End, Transactions } from "./transactions.ts"
import { type Attempt, emptyWorld, type Pipeline, type World } from "./world.ts"

const MINUTE_MS = 60_000
const LEASE_MS = 30_000
/** A clock of a machine may be this far from the database's. */
const SKEW_MS = 5 * MINUTE_MS
const START_MS = Date.UTC(2026, 2, 28, 22)

export interface Statistics {
  runs: number
  attempts: number
  crashes: number
  superseded: number
}

/**
 * One world from one seed: random pipelines, schedulers and workers that crash, freeze and come back late, people who
 * cancel, clear, mark, pause and backfill, clocks that are stepped. All invariants are checked after each of `steps`
 * steps; then failures stop, and everything that was begun must end.
 * @throws AssertionError at the first promise that is broken.
 */
export function simulate(seed: number, steps = 150, rules: Rules = REAL_RULES): Statistics {
  return new Simulation(seeded(seed), rules).run(steps)
}

interface Worker {
  id: number
  slots: number
  held: Attempt[]
  /** Until then it is stopped (SIGSTOP, a long collection, a cut cable): it neither beats nor ends anything. */
  frozenUntilMs: number
  isDead: boolean
}

interface Scheduler {
  skewMs: number
  /** What its reaper has seen as silent but not ended yet: its next step may come late. */
  silent: Attempt[]
}

class Simulation {
  private readonly random: Random
  private readonly world: World = emptyWorld(START_MS)
  private readonly store: Transactions
  private readonly schedulers: Scheduler[]
  private readonly workers: Worker[] = []
  private readonly stats: Statistics = { runs: 0, attempts: 0, crashes: 0, superseded: 0 }
  private isCalm = false

  constructor(random: Random, rules: Rules) {
    this.random = random
    this.store = new Transactions(this.world, rules)
    this.world.pipelines = Array.from({ length: 1 + random.below(3) }, (_, index) => randomPipeline(random, index))
    this.schedulers = Array.from({ length: 1 + random.below(3) }, () => ({ skewMs: 0, silent: [] }))
    for (let count = 1 + random.below(3); count > 0; count--) this.addWorker()
  }

  run(steps: number): Statistics {
    let seen = 0
    for (let step = 0; step < steps; step++) {
      this.step()
      seen = checkInvariants(this.world, seen)
    }
    this.calmDown()
    for (let step = 0; !this.isQuiet(); step++) {
      if (step > 5_000) break
      this.calmStep()
      seen = checkInvariants(this.world, seen)
    }
    checkQuiet(this.world)
    return { ...this.stats, runs: this.world.runs.length, attempts: this.world.attempts.length }
  }

  private step(): void {
    const { random } = this
    const draw = random.next()
    if (draw < 0.3) this.workerStep(random.pick(this.workers))
    else if (draw < 0.45) this.schedulerStep(random.pick(this.schedulers))
    else if (draw < 0.75) this.world.nowMs += random.below(random.chance(0.1) ? 20 * MINUTE_MS : 20_000)
    else if (draw < 0.9) this.personStep()
    else this.mishap()
  }

  private workerStep(worker: Worker): void {
    if (worker.isDead || worker.frozenUntilMs > this.world.nowMs) return
    const { random } = this
    const draw = random.next()
    if (draw < 0.35) worker.held.push(...this.store.claim(worker.id, worker.slots - worker.held.length))
    else if (draw < 0.55) worker.held = worker.held.filter((attempt) => this.beat(attempt))
    else if (worker.held.length > 0) {
      const [attempt] = worker.held.splice(random.below(worker.held.length), 1)
      this.finish(attempt!, this.randomEnd())
    }
  }

  /** What lost its lease stops without a word; what is being cancelled says so. */
  private beat(attempt: Attempt): boolean {
    if (this.store.heartbeat(attempt)) return true
    if (attempt.state === "running") this.finish(attempt, "cancel")
    return false
  }

  private finish(attempt: Attempt, end: End): void {
    if (!this.store.finish(attempt, end, this.random.next())) this.stats.superseded++
    // The connection broke after the commit: the worker does not know and says it again.
    else if (this.random.chance(0.1)) this.store.finish(attempt, end, this.random.next())
  }

  private randomEnd(): End {
    if (this.isCalm) return "success"
    const draw = this.random.next()
    if (draw < 0.6) return "success"
    if (draw < 0.8) return "fail"
    return this.random.pick(["skip", "never", "time_out", "hand_back"])
  }

  private schedulerStep(scheduler: Scheduler): void {
    const { random, store, world } = this
    const draw = random.next()
    if (draw < 0.4) store.scheduleDue(random.pick(world.pipelines), world.nowMs + scheduler.skewMs)
    else if (draw < 0.6) store.promoteRetries()
    else if (draw < 0.8) scheduler.silent.push(...store.findSilent(LEASE_MS))
    else if (draw < 0.95) {
      // Between the look and the end another reaper, or the worker itself, may have been first.
      for (const attempt of scheduler.silent.splice(0)) store.finish(attempt, "lose", random.next())
    } else for (const backfill of world.backfills) store.advanceBackfill(backfill)
  }

  private personStep(): void {
    const { random, store, world } = this
    const pipeline = random.pick(world.pipelines)
    const draw = random.next()
    if (draw < 0.35) {
      const now = new Date(world.nowMs)
      store.createRun(pipeline, "manual", now, now, null)
    } else if (draw < 0.45) pipeline.isPaused = !pipeline.isPaused
    else if (draw < 0.55) this.startBackfill(pipeline)
    else if (draw < 0.6 && world.backfills.length > 0) store.cancelBackfill(random.pick(world.backfills))
    else if (world.runs.length > 0) this.touchRun()
  }

  private touchRun(): void {
    const { random, store, world } = this
    const run = random.pick(world.runs)
    const draw = random.next()
    if (draw < 0.4) store.cancel(run)
    else if (draw < 0.8) store.clear(run, [random.below(run.taskRuns.length)])
    else store.mark(random.pick(run.taskRuns), random.pick(["success", "failed", "skipped"]))
  }

  private startBackfill(pipeline: Pipeline): void {
    const { random, store, world } = this
    const from = new Date(START_MS - random.below(20) * 86_400_000)
    const plan = planBackfill({
      partitions: partitionsBetween("day", "Europe/Berlin", from, new Date(+from + random.below(4) * 86_400_000 + 1)),
      history: new Map(),
      selection: "all",
      order: random.pick(["oldest", "newest"]),
    })
    const backfill = {
      id: world.backfills.length + 1,
      pipeline,
      state: "running" as const,
      concurrency: 1 + random.below(3),
      slots: plan.map((slot) => ({ ...slot, run: null })),
    }
    world.backfills.push(backfill)
    // It may crash here: the sweep goes on with what is stored.
    if (random.chance(0.7)) store.advanceBackfill(backfill)
  }

  private mishap(): void {
    const { random } = this
    const worker = random.pick(this.workers)
    const draw = random.next()
    this.stats.crashes++
    if (draw < 0.3) {
      worker.isDead = true
      this.addWorker()
    } else if (draw < 0.6) worker.frozenUntilMs = this.world.nowMs + random.below(3 * LEASE_MS)
    else if (draw < 0.8) random.pick(this.schedulers).silent = []
    else random.pick(this.schedulers).skewMs = random.below(2 * SKEW_MS) - SKEW_MS
  }

  private addWorker(): void {
    this.workers.push({
      id: this.workers.length + 1,
      slots: 1 + this.random.below(4),
      held: [],
      frozenUntilMs: 0,
      isDead: false,
    })
  }

  /** From here on nothing fails, nobody intervenes and no new run comes: what there is must end. */
  private calmDown(): void {
    this.isCalm = true
    for (const pipeline of this.world.pipelines) pipeline.isPaused = true
    for (const worker of this.workers) worker.frozenUntilMs = 0
    this.addWorker()
  }

  private calmStep(): void {
    const { store, world } = this
    world.nowMs += LEASE_MS / 3
    store.promoteRetries()
    for (const worker of this.workers.filter(({ isDead }) => !isDead)) {
      worker.held = worker.held.filter((attempt) => this.beat(attempt))
      worker.held.push(...store.claim(worker.id, worker.slots - worker.held.length))
      for (const attempt of worker.held.splice(0)) this.finish(attempt, "success")
    }
    for (const attempt of store.findSilent(LEASE_MS)) store.finish(attempt, "lose", this.random.next())
    for (const backfill of world.backfills) store.advanceBackfill(backfill)
  }

  private isQuiet(): boolean {
    const { runs, backfills, tickets } = this.world
    return (
      tickets.length === 0 &&
      runs.every((run) => isFinalRunState(run.state)) &&
      backfills.every((backfill) => backfill.state !== "running")
    )
  }
}

function randomSchedule(random: Random): Schedule {
  return {
    ...cronSchedule(random.pick(["*/15 * * * *", "0 * * * *", "30 2 * * *", "5,35 * * * *"]), "Europe/Berlin"),
    gap: random.pick(GAP_POLICIES),
    fold: random.pick(FOLD_POLICIES),
    catchup: random.pick(CATCHUP_POLICIES),
    startAt: new Date(START_MS - random.below(3) * 3_600_000).toISOString(),
    delayMs: random.pick([0, 0, 10 * MINUTE_MS]),
  }
}

/** One to eight tasks; each waits for up to three earlier ones. */
function randomPipeline(random: Random, index: number): Pipeline {
  const size = 1 + random.below(8)
  const upstream = Array.from({ length: size }, (_, position) =>
    Array.from({ length: position }, (_, other) => other)
      .filter(() => random.chance(3 / Math.max(3, position)))
      .slice(0, 3),
  )
  const tasks = upstream.map((parents, position) => ({
    id: `t${position}`,
    upstream: parents.map((parent) => `t${parent}`),
    triggerRule: random.chance(0.4) ? ("all_success" as const) : random.pick(TRIGGER_RULES),
  }))
  return {
    id: `p${index}`,
    plan: planTasks(tasks),
    upstream,
    policies: tasks.map(() => ({
      retries: random.below(3),
      delayMs: random.below(20_000),
      backoffFactor: 1 + random.below(2),
      maxDelayMs: MINUTE_MS,
    })),
    schedule: random.chance(0.6) ? randomSchedule(random) : null,
    maxActiveRuns: 1 + random.below(3),
    lastLogicalAt: null,
    isPaused: false,
  }
}
