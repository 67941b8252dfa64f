import { Console } from "node:console"
import { writeSync } from "node:fs"
import { Writable } from "node:stream"
import { endMark, LOG_FD, type LogRecord, MAX_LINE_CHARS, STDERR_FD, STDOUT_FD } from "./author-protocol.ts"

type Level = "debug" | "info" | "warn" | "error"

/** Bound before author code can replace it. */
const write = writeSync

/**
 * Sends everything that author code prints in this process to the log pipe, line by line with its level. Writing waits
 * until the worker has read: a flood slows its author down instead of filling memory.
 */
export function captureOutput(): void {
  const [out, warnings, errors, debug] = [
    lineWriter("info"),
    lineWriter("warn"),
    lineWriter("error"),
    lineWriter("debug"),
  ]
  // Replaced before first use: Node would open the descriptors as non-blocking streams.
  Object.defineProperty(process, "stdout", { value: out, configurable: true })
  Object.defineProperty(process, "stderr", { value: errors, configurable: true })
  const main = new Console(out, errors) as unknown as Record<string, unknown>
  const target = console as unknown as Record<string, unknown>
  for (const [name, method] of Object.entries(main)) if (typeof method === "function") target[name] = method
  target.warn = new Console(out, warnings).warn
  target.debug = new Console(debug, errors).debug
}

export function logLine(level: Level, text: string): void {
  for (const line of text.split("\n")) {
    const cut = line.length - MAX_LINE_CHARS
    record({ level, text: cut > 0 ? `${line.slice(0, MAX_LINE_CHARS)}… (${cut} more characters)` : line })
  }
}

/** Closes the log of a call on all three descriptors; gives those that took the mark. */
export function markEnd(id: number): number[] {
  for (const writer of writers) writer.flush()
  const marks: [number, string][] = [
    [STDOUT_FD, `${endMark(id)}\n`],
    [STDERR_FD, `${endMark(id)}\n`],
    [LOG_FD, `${JSON.stringify({ end: id } satisfies LogRecord)}\n`],
  ]
  return marks.flatMap(([fd, text]) => (writeAll(fd, text) ? [fd] : []))
}

class LineWriter extends Writable {
  private rest = ""
  private readonly level: Level

  constructor(level: Level) {
    super({ decodeStrings: false, defaultEncoding: "utf8" })
    this.level = level
  }

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    const lines = (this.rest + chunk.toString()).split("\n")
    this.rest = lines.pop() ?? ""
    for (const line of lines) logLine(this.level, line)
    // A line without an end must not grow without bound.
    if (this.rest.length > 4 * MAX_LINE_CHARS) this.flush()
    done()
  }

  flush(): void {
    if (this.rest !== "") logLine(this.level, this.rest)
    this.rest = ""
  }
}

const writers: LineWriter[] = []

function lineWriter(level: Level): LineWriter {
  const writer = new LineWriter(level)
  writers.push(writer)
  return writer
}

function record(value: LogRecord): void {
  writeAll(LOG_FD, `${JSON.stringify(value)}\n`)
}

function writeAll(fd: number, text: string): boolean {
  const bytes = Buffer.from(text)
  try {
    for (let offset = 0; offset < bytes.length; ) offset += write(fd, bytes, offset)
    return true
  } catch {
    // The worker is gone, or the author closed the descriptor: there is nowhere to say so.
    return false
  }
}
