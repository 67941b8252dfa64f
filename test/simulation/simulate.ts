import { planBackfill } from "#lib/domain/backfill-plan.ts"
import { partitionsBetween } from "#lib/domain/partition.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { CATCHUP_POLICIES, cronSchedule, type Schedule } from "#lib/domain/schedule.ts"
import { limitId } from "#lib/domain/task-plan.ts"
import { TEARDOWN_RULE, TRIGGER_RULES } from "#lib/domain/trigger-rule.ts"
import { FOLD_POLICIES, GAP_POLICIES } from "#lib/domain/wall-rule.ts"
import { checkInvariants, checkQuiet, type Seen } from "./invariants.ts"
import { REAL_RULES, type Rules } from "./rules.ts"
import { type Random, seeded } from "./seeded.ts"
import { type End, isTeardown, Transactions } from "./transactions.ts"
import { type Attempt, emptyWorld, type Pipeline, type SimulatedTask, taskOf, type World } from "./world.ts"

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
  /** Instances of mapped tasks. */
  instances: number
  deferred: number
  waitedForSlots: number
  ruledOut: number
  tornDown: number
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
  private readonly stats = { crashes: 0, superseded: 0, deferred: 0, waitedForSlots: 0 }

  constructor(random: Random, rules: Rules) {
    this.random = random
    this.store = new Transactions(this.world, rules, random)
    this.world.pipelines = Array.from({ length: 1 + random.below(3) }, (_, index) =>
      randomPipeline(random, index, rules),
    )
    for (const id of LIMITS) this.world.limits.set(id, 1 + random.below(4))
    this.schedulers = Array.from({ length: 1 + random.below(3) }, () => ({ skewMs: 0, silent: [] }))
    for (let count = 1 + random.below(3); count > 0; count--) this.addWorker()
  }

  run(steps: number): Statistics {
    let seen: Seen = { starts: 0, runs: new Set(), used: new Map() }
    for (let step = 0; step < steps; step++) {
      this.step()
      seen = checkInvariants(this.world, seen)
      this.stats.waitedForSlots += this.world.runs.some((run) => run.taskRuns.some((each) => each.waitingFor)) ? 1 : 0
    }
    this.calmDown()
    for (let step = 0; !this.isQuiet(); step++) {
      if (step > 5_000) break
      for (const _ of this.calmStep()) seen = checkInvariants(this.world, seen)
    }
    checkQuiet(this.world)
    return this.statistics()
  }

  private statistics(): Statistics {
    const { runs, attempts, starts } = this.world
    const taskRuns = runs.flatMap((run) => run.taskRuns)
    return {
      ...this.stats,
      runs: runs.length,
      attempts: attempts.length,
      instances: taskRuns.reduce((sum, taskRun) => sum + taskRun.instances.length, 0),
      ruledOut: taskRuns.reduce((sum, taskRun) => sum + (taskRun.choice?.skips.length ?? 0), 0),
      tornDown: starts.filter(({ taskRun }) => isTeardown(taskRun)).length,
    }
  }

  private step(): void {
    const { random } = this
    const draw = random.next()
    if (draw < 0.4) this.workerStep(random.pick(this.workers))
    else if (draw < 0.55) this.schedulerStep(random.pick(this.schedulers))
    else if (draw < 0.75) this.world.nowMs += random.below(random.chance(0.1) ? 20 * MINUTE_MS : 20_000)
    else if (draw < 0.92) this.personStep()
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
      this.finish(attempt!, this.randomEnd(attempt!))
    }
  }

  /** What lost its lease stops without a word; what is being cancelled says so. */
  private beat(attempt: Attempt): boolean {
    if (this.store.heartbeat(attempt)) return true
    if (attempt.state === "running") this.finish(attempt, "cancel")
    else this.stats.superseded++
    return false
  }

  private finish(attempt: Attempt, end: End): void {
    if (!this.store.finish(attempt, end, this.random.next())) this.stats.superseded++
    // The connection broke after the commit: the worker does not know and says it again.
    else if (this.random.chance(0.1)) this.store.finish(attempt, end, this.random.next())
  }

  private randomEnd(attempt: Attempt): End {
    const draw = this.random.next()
    if (this.waits(attempt)) return "defer"
    if (draw < 0.6) return "success"
    if (draw < 0.8) return "fail"
    return this.random.pick(["skip", "never", "time_out", "hand_back"])
  }

  /** Whether what a sensor looks for has not come; for some it never does. */
  private waits({ taskRun }: Attempt): boolean {
    const { kind } = taskOf(taskRun)
    const waits = kind === "vain_sensor" || (kind === "sensor" && this.random.chance(0.7))
    if (waits) this.stats.deferred++
    return waits
  }

  private schedulerStep(scheduler: Scheduler): void {
    const { random, store, world } = this
    const draw = random.next()
    if (draw < 0.35) store.scheduleDue(random.pick(world.pipelines), world.nowMs + scheduler.skewMs)
    else if (draw < 0.5) store.promoteRetries()
    else if (draw < 0.65) store.wakeDeferrals()
    else if (draw < 0.8) scheduler.silent.push(...store.findSilent(LEASE_MS))
    else if (draw < 0.95) {
      // Between the look and the end another reaper, or the worker itself, may have been first.
      for (const attempt of scheduler.silent.splice(0)) store.finish(attempt, "lose", random.next())
    } else store.sweep()
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
    else if (draw < 0.65) store.setCapacity(random.pick(LIMITS), 1 + random.below(4))
    else if (world.runs.length > 0) this.touchRun()
  }

  private touchRun(): void {
    const { random, store, world } = this
    const run = random.pick(world.runs)
    const draw = random.next()
    if (draw < 0.4) store.cancel(run)
    else if (draw < 0.8) {
      const taskIds = random.chance(0.3) ? [] : [random.pick(run.pipeline.tasks).id]
      store.clear(run, { taskIds, includeDownstream: random.chance(0.7), onlyFailed: random.chance(0.3) })
    } else store.mark(random.pick(run.taskRuns), random.pick(["success", "failed", "skipped"]))
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
    // Something should be at stake.
    const busy = this.workers.filter(({ held, isDead }) => held.length > 0 && !isDead)
    const worker = random.pick(busy.length > 0 ? busy : this.workers)
    const draw = random.next()
    this.stats.crashes++
    if (draw < 0.2) {
      worker.isDead = true
      this.addWorker()
    } else if (draw < 0.6) worker.frozenUntilMs = this.world.nowMs + random.below(10 * LEASE_MS)
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
    for (const pipeline of this.world.pipelines) pipeline.isPaused = true
    for (const worker of this.workers) {
      // What comes back says at once what it has done, or asks first.
      if (worker.frozenUntilMs > this.world.nowMs && !worker.isDead && this.random.chance(0.5)) {
        for (const attempt of worker.held.splice(0)) this.finish(attempt, "success")
      }
      worker.frozenUntilMs = 0
    }
    this.addWorker()
  }

  /** Stops before each change of hands, so that what starts is seen as it starts. */
  private *calmStep(): Generator<void> {
    const { store, world } = this
    world.nowMs += LEASE_MS / 3
    store.promoteRetries()
    store.wakeDeferrals()
    for (const worker of this.workers.filter(({ isDead }) => !isDead)) {
      worker.held = worker.held.filter((attempt) => this.beat(attempt))
      worker.held.push(...store.claim(worker.id, worker.slots - worker.held.length))
      yield
      for (const attempt of worker.held.splice(0)) this.finish(attempt, this.waits(attempt) ? "defer" : "success")
    }
    for (const attempt of store.findSilent(LEASE_MS)) store.finish(attempt, "lose", this.random.next())
    store.sweep()
    yield
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

const LIMITS = [limitId.pool("a"), limitId.pool("b"), limitId.key("k"), limitId.pipeline("p0")]

/** One to eight tasks; each waits for up to three earlier ones. The last may tear down an earlier one. */
function randomPipeline(random: Random, index: number, rules: Rules): Pipeline {
  const size = 1 + random.below(8)
  const tasks = Array.from({ length: size }, (_, position) => randomTask(random, position))
  const setup = random.below(size)
  if (size > 2 && setup < size - 1 && random.chance(0.4)) {
    Object.assign(tasks.at(-1)!, { triggerRule: TEARDOWN_RULE, teardownOf: [`t${setup}`], map: null, kind: "plain" })
  }
  const id = `p${index}`
  const plan = rules.planTasks(tasks, {
    id,
    maxActiveTasks: index === 0 ? 1 + random.below(4) : null,
    concurrency: null,
  })
  return {
    id,
    tasks,
    plan,
    upstream: plan.map(({ position }) =>
      plan.filter((task) => task.downstream.includes(position)).map((task) => task.position),
    ),
    schedule: random.chance(0.6) ? randomSchedule(random) : null,
    maxActiveRuns: 1 + random.below(3),
    lastLogicalAt: null,
    isPaused: false,
  }
}

function randomTask(random: Random, position: number): SimulatedTask {
  const parents = Array.from({ length: position }, (_, other) => other)
    .filter(() => random.chance(3 / Math.max(3, position)))
    .slice(0, 3)
  const kind = random.pick(["plain", "plain", "plain", "branch", "short_circuit", "sensor", "vain_sensor"] as const)
  return {
    id: `t${position}`,
    group: null,
    kind,
    upstream: parents.map((parent) => `t${parent}`),
    triggerRule: random.chance(0.4) ? "all_success" : random.pick(TRIGGER_RULES),
    priority: 1 + random.below(50),
    pool: random.chance(0.3) ? random.pick(["a", "b"]) : null,
    poolSlots: 1 + random.below(3),
    concurrency: random.chance(0.15) ? { key: "k", limit: 1 } : null,
    map:
      kind === "plain" && random.chance(0.2)
        ? {
            maxActive: random.chance(0.5) ? 1 + random.below(2) : null,
            tolerance: random.pick([{ count: 0 }, { count: 1 }, { percent: 50 }]),
          }
        : null,
    policy: {
      retries: random.below(3),
      delayMs: random.below(20_000),
      backoffFactor: 1 + random.below(2),
      maxDelayMs: MINUTE_MS,
    },
  }
}
