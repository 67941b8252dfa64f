import type { LogLevel } from "#jobs/operators/operator.ts"
import type { NewLogLine } from "#lib/store/logs.ts"

const FLUSH_LINES = 1_000
const FLUSH_AFTER_MS = 150
/** Lines held back while the database is slow; the writer of the log is then made to wait. */
const HIGH_WATER = 5_000
/** A line longer than this is cut: one row of 100 MB must not become one message. */
const MAX_LINE_LENGTH = 16_384

export interface AttemptLog {
  /** Returns a promise when the writer should wait: the database is behind. */
  write(level: LogLevel, message: string): void | Promise<void>
  /** Stores all that was written so far. */
  flush(): Promise<void>
}

/**
 * The log of one attempt: lines are numbered from 1, redacted, bounded in bytes and stored in batches. What is beyond the
 * bound is counted and named in a last line, never kept.
 */
export function createAttemptLog(options: {
  store: (lines: NewLogLine[]) => Promise<void>
  redact: (text: string) => string
  maxBytes: number
  onError: (error: unknown) => void
}): AttemptLog {
  let buffer: NewLogLine[] = []
  let nextLine = 1
  let bytes = 0
  let dropped = 0
  let timer: NodeJS.Timeout | null = null
  let flushing: Promise<void> = Promise.resolve()

  const push = (level: LogLevel, message: string) => {
    buffer.push({ line: nextLine++, at: new Date(), level, message })
  }

  const flushOnce = async () => {
    if (timer) clearTimeout(timer)
    timer = null
    while (buffer.length > 0) {
      const batch = buffer.slice(0, FLUSH_LINES)
      buffer = buffer.slice(FLUSH_LINES)
      try {
        await options.store(batch)
      } catch (error) {
        // A lost connection must not fail the task for its log: one more try, then the batch is given up.
        await options.store(batch).catch(() => options.onError(error))
      }
    }
  }

  const flush = () => {
    flushing = flushing.then(flushOnce)
    return flushing
  }

  return {
    write(level, message) {
      // Postgres text holds no NUL.
      const clean = options.redact(message).replaceAll("\u0000", "\ufffd")
      for (const text of clean.split(/\r\n|\n|\r/)) {
        const line = text.length > MAX_LINE_LENGTH ? `${text.slice(0, MAX_LINE_LENGTH)}… (cut, ${text.length})` : text
        if (bytes + line.length > options.maxBytes) {
          dropped++
          continue
        }
        bytes += line.length
        push(level, line)
      }
      if (buffer.length >= HIGH_WATER) return flush()
      if (buffer.length >= FLUSH_LINES) void flush()
      else timer ??= setTimeout(flush, FLUSH_AFTER_MS)
    },
    async flush() {
      if (dropped > 0) {
        push("warn", `The log reached its limit of ${options.maxBytes} bytes; ${dropped} more lines were not kept.`)
        dropped = 0
      }
      await flush()
    },
  }
}
