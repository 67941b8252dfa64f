import type { Readable } from "node:stream"

export interface Line {
  text: string
  /** Bytes that were left out at the end, because the line is longer than the limit. */
  cutBytes: number
}

/**
 * The lines of a stream as they come, without their ends; a last one without an end counts. Reading waits while the
 * consumer is busy, and a line holds at most `maxBytes`, so memory is bounded however much is written.
 */
export async function* readLines(stream: Readable, maxBytes: number): AsyncGenerator<Line> {
  const NEWLINE = 0x0a
  let kept: Buffer[] = []
  let keptBytes = 0
  let cutBytes = 0
  const keep = (part: Buffer) => {
    const room = Math.max(0, maxBytes - keptBytes)
    if (room > 0 && part.length > 0) kept.push(part.subarray(0, room))
    keptBytes += Math.min(room, part.length)
    cutBytes += Math.max(0, part.length - room)
  }
  const take = (): Line => {
    const text = Buffer.concat(kept).toString("utf8").replace(/\r$/, "")
    const line = { text, cutBytes }
    kept = []
    keptBytes = 0
    cutBytes = 0
    return line
  }
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end))
      yield take()
      start = end + 1
    }
    keep(chunk.subarray(start))
  }
  if (keptBytes > 0 || cutBytes > 0) yield take()
}
