import type { Span } from "./span.ts"

export interface SpanQueue {
  /** Never waits: with no room left, the span is counted and forgotten. */
  push(span: Span): void
  counts(): { exported: number; dropped: number }
  /** Settles when half of it is free: for those who have many spans and time. */
  roomy(): Promise<void>
  /** Sends what there is, for at most `timeoutMs`; takes no more. */
  close(timeoutMs: number): Promise<void>
}

export interface SpanQueueOptions {
  /** @throws when the collector did not take them. */
  send(spans: readonly Span[]): Promise<void>
  /** Spans that may wait: a collector that is away for longer than they take to come loses some. */
  capacity?: number
  batch?: number
  everyMs?: number
  /** Called once for a row of failures. */
  onTrouble(error: unknown): void
}

/**
 * Between work and the trace collector: bounded, one batch under way at a time, and nobody who pushes ever waits. A batch that
 * fails is dropped, as `send` has tried again already.
 */
export function createSpanQueue(options: SpanQueueOptions): SpanQueue {
  const { send, capacity = 8_192, batch = 512, everyMs = 1_000, onTrouble } = options
  const waiting: Span[] = []
  const counts = { exported: 0, dropped: 0 }
  let timer: NodeJS.Timeout | null = null
  let sending: Promise<void> | null = null
  let isTroubled = false
  let isClosed = false

  const sendAll = async () => {
    while (waiting.length > 0) {
      const spans = waiting.splice(0, batch)
      try {
        await send(spans)
        counts.exported += spans.length
        isTroubled = false
      } catch (error) {
        counts.dropped += spans.length
        if (!isTroubled) onTrouble(error)
        isTroubled = true
      }
    }
  }
  const flush = (): Promise<void> => {
    if (timer) clearTimeout(timer)
    timer = null
    sending ??= sendAll().finally(() => {
      sending = null
    })
    return sending
  }
  return {
    push(span) {
      if (isClosed || waiting.length >= capacity) {
        counts.dropped++
        return
      }
      waiting.push(span)
      if (waiting.length >= batch) void flush()
      else timer ??= setTimeout(flush, everyMs).unref()
    },
    counts: () => ({ ...counts }),
    async roomy() {
      while (waiting.length > capacity / 2) await flush()
    },
    async close(timeoutMs) {
      isClosed = true
      let limit: NodeJS.Timeout | undefined
      const tooLate = new Promise<void>((resolve) => {
        limit = setTimeout(resolve, timeoutMs)
      })
      await Promise.race([flush(), tooLate])
      clearTimeout(limit)
    },
  }
}
