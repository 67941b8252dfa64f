import type { LogLevel } from "#jobs/operators/operator.ts"
import { toFailure } from "#lib/domain/errors.ts"
import type { AuthorHook, AuthorOutcome, AuthorSession, AuthorSessionCall } from "./author-call.ts"
import type { FromChild, ToChild } from "./author-protocol.ts"

/** What a session needs of the process that it runs in. */
export interface SessionHost {
  send(message: ToChild): void
  stop(reason: "timed_out" | "cancelled"): void
  close(): Promise<void>
}

interface Call {
  id: number
  resolve(outcome: AuthorOutcome): void
  /** Descriptors whose output has come to the end of this call. */
  marked: Set<number>
  result: Extract<FromChild, { type: "result" }> | null
}

/** One attempt's use of a process: its calls, its log and its limits. */
export class SessionRun implements AuthorSession {
  private readonly info: AuthorSessionCall
  private readonly host: SessionHost
  private readonly onAbort: () => void
  private timer: NodeJS.Timeout | undefined
  private call: Call | null = null
  private calls = 0
  private final: AuthorOutcome | null = null
  private closing: Promise<void> | null = null
  private isStarted = false
  private readonly waiting: ToChild[] = []

  constructor(info: AuthorSessionCall, host: SessionHost) {
    this.info = info
    this.host = host
    this.onAbort = () => this.host.stop("cancelled")
  }

  /** The process is ready: opens the session there and starts the clock. */
  start(): void {
    if (this.final) return
    const { codeDir, file, pipelineId, taskId, run, attemptId, attemptNumber, timeoutMs, signal } = this.info
    const attempt = { id: attemptId, number: attemptNumber, traceparent: this.info.traceparent ?? null }
    this.isStarted = true
    this.host.send({ type: "open", codeDir, file, pipelineId, taskId, run, attempt })
    for (const message of this.waiting.splice(0)) this.host.send(message)
    if (timeoutMs !== null) this.timer = setTimeout(() => this.host.stop("timed_out"), timeoutMs)
    if (signal.aborted) this.onAbort()
    else signal.addEventListener("abort", this.onAbort, { once: true })
  }

  async send(hook: AuthorHook, input: unknown): Promise<AuthorOutcome> {
    if (this.final) return this.final
    if (this.call !== null || this.closing) throw new Error("a session makes one call at a time, while it is open")
    const id = ++this.calls
    return new Promise((resolve) => {
      this.call = { id, resolve, marked: new Set(), result: null }
      const message: ToChild = { type: "send", id, hook, input }
      if (this.isStarted) this.host.send(message)
      else this.waiting.push(message)
    })
  }

  close(): Promise<void> {
    clearTimeout(this.timer)
    this.info.signal.removeEventListener("abort", this.onAbort)
    // A call that nobody waits for any more is stopped, not left running in a process that others get.
    if (this.call !== null) this.host.stop("cancelled")
    this.closing ??= this.host.close()
    return this.closing
  }

  /** The process is gone, or was told to stop: every call, the current and later ones, ends like this. */
  end(outcome: AuthorOutcome): void {
    this.final ??= outcome
    clearTimeout(this.timer)
    this.info.signal.removeEventListener("abort", this.onAbort)
    const { call } = this
    this.call = null
    call?.resolve(this.final)
  }

  result(message: Extract<FromChild, { type: "result" }>): void {
    if (this.call?.id !== message.id) return
    this.call.result = message
    this.settle()
  }

  /** The id of the call whose end has not come on this descriptor yet. */
  waitingFor(fd: number): number | null {
    return this.call === null || this.call.marked.has(fd) ? null : this.call.id
  }

  marked(fd: number): void {
    this.call?.marked.add(fd)
    this.settle()
  }

  log(level: LogLevel, text: string, cutBytes: number): void | Promise<void> {
    return this.info.log(level, cutBytes > 0 ? `${text}… (${cutBytes} more bytes)` : text)
  }

  async query(message: Extract<FromChild, { type: "query" }>): Promise<void> {
    const { id, connection, text, params } = message
    try {
      if (!this.info.query) throw new Error("ctx.query is for fn tasks; move the statement there or into a sql task.")
      this.host.send({ type: "rows", id, rows: await this.info.query(connection, text, params) })
    } catch (error) {
      const failure = toFailure(error)
      this.host.send({ type: "query_failed", id, message: failure.message, retry: failure.retry })
    }
  }

  /** The call is over when its result and its whole log are here. */
  private settle(): void {
    const { call } = this
    if (!call?.result?.marked.every((fd) => call.marked.has(fd))) return
    this.call = null
    call.resolve(call.result.outcome)
  }
}
