const PING_MS = 15_000

/** One server-sent event. Data is JSON, so it has no line breaks of its own. */
export function sseEvent(data: unknown, options: { event?: string; id?: string } = {}): string {
  const event = options.event ? `event: ${options.event}\n` : ""
  const id = options.id ? `id: ${options.id}\n` : ""
  return `${event}${id}data: ${JSON.stringify(data)}\n\n`
}

/** Keeps proxies and browsers from taking a quiet stream for a dead one. */
export const SSE_PING = ": ping\n\n"

/** A response that streams what `chunks` yields. The reader's pace is the generator's: nothing piles up in between. */
export function streamResponse(chunks: AsyncGenerator<string>, headers: Record<string, string>): Response {
  const encoder = new TextEncoder()
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await chunks.return(undefined)
    },
  })
  return new Response(stream, { headers: { "cache-control": "no-store, no-transform", ...headers } })
}

/** {@link streamResponse} as server-sent events. */
export function sseResponse(chunks: AsyncGenerator<string>): Response {
  return streamResponse(chunks, {
    "content-type": "text/event-stream; charset=utf-8",
    // Or else nginx collects the stream before it passes it on.
    "x-accel-buffering": "no",
  })
}

/**
 * Sleeps until it is woken: by `wake()`, after `timeoutMs`, or when the request ends. A wake before the sleep counts for it.
 */
export class Alarm {
  #isDue = false
  #resolve: (() => void) | undefined

  constructor(signal: AbortSignal) {
    signal.addEventListener("abort", () => this.wake(), { once: true })
    if (signal.aborted) this.wake()
  }

  wake(): void {
    this.#isDue = true
    this.#resolve?.()
  }

  /** True when it was woken, false when the time was over. */
  async sleep(timeoutMs: number = PING_MS): Promise<boolean> {
    if (!this.#isDue) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#resolve = resolve
        timer = setTimeout(resolve, timeoutMs)
      })
      clearTimeout(timer)
      this.#resolve = undefined
    }
    const wasDue = this.#isDue
    this.#isDue = false
    return wasDue
  }
}
