/**
 * Calls `step` again and again, never twice at a time: after at most `everyMs`, earlier when `wake` is called or when the
 * step's answer names an instant before that. A step that throws is reported and tried again after `everyMs`.
 */
export class Loop {
  readonly #step: () => Promise<Date | null | undefined>
  readonly #everyMs: number
  readonly #onError: (error: unknown) => void
  #timer: NodeJS.Timeout | null = null
  #running: Promise<void> | null = null
  #isWanted = false
  #isStopped = false

  constructor(options: {
    everyMs: number
    step: () => Promise<Date | null | undefined>
    onError: (error: unknown) => void
  }) {
    this.#step = options.step
    this.#everyMs = options.everyMs
    this.#onError = options.onError
  }

  /** Makes the step run now, or again if it is running. */
  wake(): void {
    if (this.#isStopped) return
    this.#isWanted = true
    this.#running ??= this.#run()
  }

  /** Waits for a running step; starts none any more. */
  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#timer) clearTimeout(this.#timer)
    await this.#running
  }

  async #run(): Promise<void> {
    let next: Date | null | undefined
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false
      if (this.#timer) clearTimeout(this.#timer)
      try {
        next = await this.#step()
      } catch (error) {
        next = null
        this.#onError(error)
      }
    }
    this.#running = null
    if (this.#isStopped) return
    const untilNextMs = next ? next.getTime() - Date.now() : this.#everyMs
    this.#timer = setTimeout(() => this.wake(), Math.max(5, Math.min(this.#everyMs, untilNextMs)))
  }
}
