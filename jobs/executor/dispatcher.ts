import type { AttemptOutcome } from "#lib/actions/plan-attempt-end.ts"
import type { AttemptId, RunId, TaskRunId } from "#lib/domain/ids.ts"
import type { Claim } from "#lib/store/attempts.ts"

export interface LiveAttempt {
  attemptId: AttemptId
  taskRunId: TaskRunId
  runId: RunId
  isTeardown: boolean
  abort(reason: Error): void
  /** Settles when the attempt was recorded. */
  done: Promise<void>
}

export interface DispatcherOptions {
  /** Task runs executed at a time. One that only waits to be recorded takes no slot. */
  slots: number
  /** Claims up to `limit` ready task runs. */
  claim(limit: number): Promise<Claim[]>
  /** Executes and gives the outcome; never throws. */
  execute(claim: Claim, signal: AbortSignal): Promise<AttemptOutcome>
  /** Records the outcome; tries until the store answers. */
  record(claim: Claim, outcome: AttemptOutcome): Promise<void>
  onError(error: unknown): void
}

/** While there are so many attempts for each slot, most wait to be recorded: the store is behind, and gives no more out. */
const LIVE_PER_SLOT = 16

/**
 * Keeps a worker's slots filled: a wake claims as many task runs as there are free slots, and so does each freed slot until
 * a claim comes back short. One claim at a time, wakes in between are remembered, so no notification is lost. Claiming,
 * executing and recording overlap: a slot is free as soon as the work is done.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #live = new Map<AttemptId, LiveAttempt>()
  #executing = 0
  #isPumping = false
  /** There may be something to claim. */
  #isWanted = false
  #isStopped = false

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  /** Attempts that run or wait to be recorded. */
  get live(): LiveAttempt[] {
    return [...this.#live.values()]
  }

  /** Says that something may be ready. Cheap; call it often. */
  wake(): void {
    this.#isWanted = true
    this.#pumpIfWanted()
  }

  /** Takes no more work; what runs goes on. */
  stop(): void {
    this.#isStopped = true
  }

  /** Settles when nothing runs any more. */
  async drained(): Promise<void> {
    while (this.#live.size > 0) await Promise.all(this.live.map((attempt) => attempt.done))
  }

  get #free(): number {
    const { slots } = this.#options
    return Math.min(slots - this.#executing, slots * LIVE_PER_SLOT - this.#live.size)
  }

  #pumpIfWanted(): void {
    if (this.#isWanted && !this.#isPumping && !this.#isStopped && this.#free > 0) void this.#pump()
  }

  async #pump(): Promise<void> {
    this.#isPumping = true
    try {
      while (this.#isWanted && !this.#isStopped && this.#free > 0) {
        const free = this.#free
        this.#isWanted = false
        const claims = await this.#options.claim(free)
        // A claim that comes back full leaves more behind, most likely.
        if (claims.length >= free) this.#isWanted = true
        for (const claim of claims) this.#start(claim)
      }
    } catch (error) {
      this.#options.onError(error)
    } finally {
      this.#isPumping = false
    }
  }

  #start(claim: Claim): void {
    const controller = new AbortController()
    const done = this.#work(claim, controller.signal).catch(this.#options.onError)
    this.#live.set(claim.attemptId, {
      attemptId: claim.attemptId,
      taskRunId: claim.taskRunId,
      runId: claim.runId,
      isTeardown: claim.isTeardown,
      abort: (reason) => controller.abort(reason),
      done,
    })
  }

  async #work(claim: Claim, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.record(claim, await this.#execute(claim, signal))
    } finally {
      this.#live.delete(claim.attemptId)
      // What became ready by this end announces itself too, but a look of our own is a millisecond sooner.
      this.wake()
    }
  }

  async #execute(claim: Claim, signal: AbortSignal): Promise<AttemptOutcome> {
    this.#executing++
    try {
      return await this.#options.execute(claim, signal)
    } finally {
      this.#executing--
      this.#pumpIfWanted()
    }
  }
}
