import type { ChildProcess } from "node:child_process"
import path from "node:path"
import type { Readable } from "node:stream"
import type { AuthorOutcome, AuthorSession, AuthorSessionCall } from "./author-call.ts"
import {
  endMark,
  type FromChild,
  LOG_FD,
  type LogRecord,
  MAX_LINE_CHARS,
  STDERR_FD,
  STDOUT_FD,
  type ToChild,
} from "./author-protocol.ts"
import { oomKillCount, residentMb } from "./memory.ts"
import { killGroup, spawnGroup } from "./process-group.ts"
import { type Line, readLines } from "./read-lines.ts"
import { SessionRun } from "./session-run.ts"

const CHILD = path.join(import.meta.dirname, "author-child.ts")
/** Between asking a process to stop and killing it: time to close files, not to finish the work. */
const GRACE_MS = 1_000
/** What Node itself takes beside the heap: code, stacks, buffers of the runtime. Measured at 60 to 90 MB. */
const RUNTIME_MB = 128
const MEMORY_LOOK_MS = 100
/** Leaks of author code and module caches of old versions end here. */
const MAX_SESSIONS = 200

type StopReason = "timed_out" | "cancelled" | "closed"

/** One child process of the pool, seen from the worker. Serves one session at a time. */
export class AuthorProcess {
  readonly memoryMb: number
  readonly exited: Promise<void>
  private readonly child: ChildProcess
  private readonly oomKillsBefore = oomKillCount()
  private readonly output: Promise<unknown>
  private session: SessionRun | null = null
  private onReady: (() => void) | null = null
  private readonly ready: Promise<void>
  private onClosed: ((state: { isClean: boolean; rssBytes: number }) => void) | null = null
  private sessions = 0
  private isOver = false
  private stopReason: StopReason | null = null
  private killTimer: NodeJS.Timeout | undefined
  private tooLargeMb: number | null = null
  private hasHeapFailure = false
  private spawnError: Error | null = null

  constructor(options: { memoryMb: number; env: NodeJS.ProcessEnv; workspaceDir: string }) {
    this.memoryMb = options.memoryMb
    this.child = spawnGroup(
      process.execPath,
      [
        `--max-old-space-size=${options.memoryMb}`,
        "--disable-warning=ExperimentalWarning",
        CHILD,
        options.workspaceDir,
      ],
      { env: options.env, stdio: ["ignore", "pipe", "pipe", "pipe", "ipc"], serialization: "advanced" },
    )
    this.ready = new Promise((resolve) => {
      this.onReady = resolve
    })
    this.child.on("message", (message: FromChild) => this.receive(message))
    this.child.on("error", (error) => {
      this.spawnError = error
    })
    const [, stdout, stderr, log] = this.child.stdio as Readable[]
    this.output = Promise.all([
      this.read(stdout, (line) => this.onPrinted(STDOUT_FD, line)),
      this.read(stderr, (line) => this.onPrinted(STDERR_FD, line)),
      this.read(log, (line) => this.onRecord(line)),
    ])
    this.exited = this.watchExit()
  }

  /** Starts a session; the caller has made sure that none is running. */
  open(call: AuthorSessionCall): AuthorSession {
    const session = new SessionRun(call, {
      send: (message) => this.send(message),
      stop: (reason) => this.stop(reason),
      close: () => this.closeSession(),
    })
    this.session = session
    this.sessions += 1
    void this.ready.then(() => session.start())
    this.watchMemory(session)
    return session
  }

  /** True once the last session is over and the process may serve another. */
  isReusable(): boolean {
    return !this.isOver && this.stopReason === null && this.sessions < MAX_SESSIONS
  }

  /** Ends the process and everything it started: asks, and kills after a second. */
  stop(reason: StopReason): void {
    if (this.stopReason !== null || this.isOver) return
    this.stopReason = reason
    this.send({ type: "abort", reason: reason === "timed_out" ? "The task's time is up." : "The task is cancelled." })
    killGroup(this.child.pid, "SIGTERM")
    this.killTimer = setTimeout(() => this.kill(), GRACE_MS)
  }

  /** Ends the process and everything it started at once. */
  kill(): void {
    this.stopReason ??= "closed"
    killGroup(this.child.pid, "SIGKILL")
  }

  private async closeSession(): Promise<void> {
    const { session } = this
    if (session === null) return
    if (!this.isReusable()) this.kill()
    else {
      const closed = new Promise<{ isClean: boolean; rssBytes: number }>((resolve) => {
        this.onClosed = resolve
      })
      this.send({ type: "close" })
      const lost = this.exited.then(() => ({ isClean: false, rssBytes: 0 }))
      const state = await Promise.race([closed, lost, unresponsive()])
      if (!state.isClean || state.rssBytes > 0.75 * this.memoryMb * 1024 * 1024) this.kill()
    }
    this.session = null
  }

  private receive(message: FromChild): void {
    switch (message.type) {
      case "ready":
        this.onReady?.()
        break
      case "closed":
        this.onClosed?.(message)
        break
      case "query":
        void this.session?.query(message)
        break
      case "result":
        // A call that was told to stop and came back in time: nothing more is expected of the process.
        if (this.stopReason !== null) this.kill()
        else this.session?.result(message)
        break
    }
  }

  private send(message: ToChild): void {
    // A message to a process that has just died: its exit is the answer.
    if (this.child.connected) this.child.send(message, () => {})
  }

  private async watchExit(): Promise<void> {
    const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      this.child.once("error", () => resolve({ code: null, signal: null }))
      this.child.once("exit", (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }))
    })
    this.isOver = true
    clearTimeout(this.killTimer)
    killGroup(this.child.pid, "SIGKILL")
    // The log up to the death. A grandchild that left the group may hold the pipes open for ever.
    await Promise.race([this.output, unresponsive()])
    for (const stream of this.child.stdio) stream?.destroy()
    this.onReady?.()
    this.session?.end(this.outcomeOfExit(code, signal))
  }

  private outcomeOfExit(code: number | null, signal: NodeJS.Signals | null): AuthorOutcome {
    if (this.tooLargeMb !== null) {
      return outOfMemory(
        `the process took ${this.tooLargeMb} MB, ${this.memoryMb} MB and ${RUNTIME_MB} MB for Node are allowed`,
      )
    }
    const isAborted = signal === "SIGABRT" || code === 134
    if (isAborted && this.hasHeapFailure) return outOfMemory(`the heap reached its limit of ${this.memoryMb} MB`)
    if (this.stopReason === "timed_out" || this.stopReason === "cancelled") return { kind: this.stopReason }
    if (this.spawnError) {
      return {
        kind: "killed",
        exitCode: null,
        signal: null,
        detail: `no process could be started: ${this.spawnError.message}`,
      }
    }
    if (this.stopReason === "closed") {
      return { kind: "killed", exitCode: code, signal, detail: "the worker ended its processes" }
    }
    if ((signal === "SIGKILL" || code === 137) && oomKillCount() !== this.oomKillsBefore) {
      return outOfMemory("the system had no memory left")
    }
    const exitCode = signal === "SIGKILL" ? 137 : code
    const detail =
      signal === null
        ? `the code ended its process with exit ${code}`
        : `killed by ${signal}, exit ${exitCode ?? "unknown"}`
    return { kind: "killed", exitCode, signal, detail }
  }

  private async read(stream: Readable | undefined, onLine: (line: Line) => void | Promise<void>): Promise<void> {
    try {
      // Characters take up to four bytes.
      if (stream) for await (const line of readLines(stream, 4 * MAX_LINE_CHARS)) await onLine(line)
    } catch {
      // Destroyed after the exit: what could be read has been.
    }
  }

  /** Lines that come past the console: from programs that the author's code started, and from Node when it dies. */
  private onPrinted(fd: number, line: Line): void | Promise<void> {
    const id = this.session?.waitingFor(fd)
    const mark = id === null || id === undefined ? null : endMark(id)
    const isMarked = mark !== null && line.text.endsWith(mark)
    const text = isMarked ? line.text.slice(0, -mark.length) : line.text
    if (fd === STDERR_FD && /^FATAL ERROR: .*(heap|memory)/i.test(text)) this.hasHeapFailure = true
    const isOurs = text === "" && isMarked
    const written = isOurs ? undefined : this.session?.log(fd === STDERR_FD ? "warn" : "info", text, line.cutBytes)
    if (isMarked) this.session?.marked(fd)
    return written
  }

  private onRecord(line: Line): void | Promise<void> {
    // A record that a dying process could not finish is no JSON.
    const record = parseRecord(line.text)
    if (record === null) return
    if (!("end" in record)) return this.session?.log(record.level, record.text, line.cutBytes)
    if (record.end === this.session?.waitingFor(LOG_FD)) this.session.marked(LOG_FD)
  }

  private watchMemory(session: SessionRun): void {
    const limitMb = this.memoryMb + RUNTIME_MB
    const timer = setInterval(async () => {
      if (this.isOver || this.session !== session) return clearInterval(timer)
      const usedMb = await residentMb(this.child.pid)
      if (usedMb === null || usedMb <= limitMb || this.isOver || this.session !== session) return
      this.tooLargeMb = Math.round(usedMb)
      killGroup(this.child.pid, "SIGKILL")
    }, MEMORY_LOOK_MS)
    timer.unref()
  }
}

function parseRecord(text: string): LogRecord | null {
  try {
    return JSON.parse(text) as LogRecord
  } catch {
    return null
  }
}

function outOfMemory(detail: string): AuthorOutcome {
  // 137 also where V8 gave up by itself with 134: one reason, one code, as container systems show it.
  return { kind: "out_of_memory", exitCode: 137, detail: `killed (out of memory), exit 137: ${detail}` }
}

/** Gives up on a process that does not answer, or on readers of its last output. */
function unresponsive(): Promise<{ isClean: boolean; rssBytes: number }> {
  return new Promise((resolve) => {
    setTimeout(() => resolve({ isClean: false, rssBytes: 0 }), 4 * GRACE_MS).unref()
  })
}
