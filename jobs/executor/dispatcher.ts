import type { AttemptOutcome } from "#lib/actions/finish-attempt.ts"
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
  slots: number
  /** Claims up to `limit` ready task runs. */
  claim(limit: number): Promise<Claim[]>
  /** Executes and gives the outcome; never throws. */
  execute(claim: Claim, signal: AbortSignal): Promise<AttemptOutcome>
  /** Records the outcome; tries until the store answers. */
  record(claim: Claim, outcome: AttemptOutcome): Promise<void>
  onError(error: unknown): void
}

/**
 * Keeps a worker's slots filled: a wake or a freed slot claims as many task runs as there are free slots, until a claim
 * comes back short. One claim at a time, wakes in between are remembered, so no notification is lost.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #live = new Map<AttemptId, LiveAttempt>()
  #isPumping = false
  #isWanted = false
  #isStopped = false

  constructor(options: DispatcherOptions) {
    this.#options = options
  }

  get live(): LiveAttempt[] {
    return [...this.#live.values()]
  }

  /** Says that something may be ready. Cheap; call it often. */
  wake(): void {
    this.#isWanted = true
    if (!this.#isPumping && !this.#isStopped) void this.#pump()
  }

  /** Takes no more work; what runs goes on. */
  stop(): void {
    this.#isStopped = true
  }

  /** Settles when nothing runs any more. */
  async drained(): Promise<void> {
    while (this.#live.size > 0) await Promise.all(this.live.map((attempt) => attempt.done))
  }

  async #pump(): Promise<void> {
    this.#isPumping = true
    try {
      while (this.#isWanted && !this.#isStopped) {
        this.#isWanted = false
        const free = this.#options.slots - this.#live.size
        if (free <= 0) break
        const claims = await this.#options.claim(free)
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
    const done = this.#execute(claim, controller.signal).catch(this.#options.onError)
    this.#live.set(claim.attemptId, {
      attemptId: claim.attemptId,
      taskRunId: claim.taskRunId,
      runId: claim.runId,
      isTeardown: claim.isTeardown,
      abort: (reason) => controller.abort(reason),
      done,
    })
  }

  async #execute(claim: Claim, signal: AbortSignal): Promise<void> {
    try {
      const outcome = await this.#options.execute(claim, signal)
      await this.#options.record(claim, outcome)
    } finally {
      this.#live.delete(claim.attemptId)
      // What became ready by this end announces itself too, but a look of our own is a millisecond sooner.
      this.wake()
    }
  }
}
