import { type Readable, Transform, type Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type pg from "pg"
import { from as copyFromStream, to as copyToStream } from "pg-copy-streams"
import { translateError } from "./translate-error.ts"

export interface CopyResult {
  rows: number
  bytes: number
}

/** One side of a copy between databases; the name is for errors. */
export interface CopyEnd {
  client: pg.ClientBase
  connection: string
  statement: string
}

/**
 * Runs `COPY … FROM STDIN` with what `source` yields. Memory stays at a few chunks whatever the size: the source is read
 * only as fast as the server takes it. When the source fails, the COPY is taken back and the connection stays usable.
 * Stop it through the session's signal (`withSession`).
 */
export async function copyInto(
  client: pg.ClientBase,
  statement: string,
  source: Readable | AsyncIterable<Buffer | string>,
  onBytes?: (bytes: number) => void,
): Promise<CopyResult> {
  const target = client.query(copyFromStream(statement))
  const counter = new ByteCounter(onBytes)
  await pump(source, counter, target)
  return { rows: target.rowCount, bytes: counter.bytes }
}

/** Runs `COPY … TO STDOUT` into `consume`, which reads at its own pace; what it leaves unread closes the connection. */
export async function copyOut<Result>(
  client: pg.ClientBase,
  statement: string,
  consume: (stream: Readable) => Promise<Result>,
): Promise<Result> {
  const stream = client.query(copyToStream(statement))
  try {
    return await consume(stream)
  } finally {
    // The protocol has no way to skip the rest, and a COPY that nobody reads would block the connection for ever.
    if (!stream.readableEnded) closeConnection(client)
  }
}

/**
 * COPY from one database straight into another; the statements must agree on the format. An error names the connection
 * on whose side it arose.
 */
export function copyBetween(source: CopyEnd, target: CopyEnd, onBytes?: (bytes: number) => void): Promise<CopyResult> {
  return copyOut(source.client, source.statement, async (stream) => {
    let failed: CopyEnd | undefined
    stream.once("error", () => {
      failed ??= source
    })
    const sink = target.client.query(copyFromStream(target.statement))
    sink.once("error", () => {
      failed ??= target
    })
    const counter = new ByteCounter(onBytes)
    try {
      await pump(stream, counter, sink)
    } catch (error) {
      throw translateError(error, failed ?? target)
    }
    return { rows: sink.rowCount, bytes: counter.bytes }
  })
}

/**
 * As `pipeline`, but settles whatever the server does. pg-copy-streams ends its own destruction only when the server asks
 * for data or reports the COPY's end; refused before that, or cut off, it stays open for ever, and `pipeline` with it.
 */
async function pump(
  source: Readable | AsyncIterable<Buffer | string>,
  counter: ByteCounter,
  sink: Writable,
): Promise<void> {
  const refused = new Promise<never>((_, reject) => {
    // A moment later, because a failing source also ends in an error of the sink, and its own says more.
    sink.once("error", (error) => setImmediate(reject, error))
  })
  await Promise.race([pipeline(source, counter, sink), refused])
}

/** A socket hands over at most 64 kB at a time. */
const CHUNK_BYTES = 64 * 1024

class ByteCounter extends Transform {
  bytes = 0
  readonly #onBytes: ((bytes: number) => void) | undefined

  constructor(onBytes: ((bytes: number) => void) | undefined) {
    super({ readableHighWaterMark: CHUNK_BYTES, writableHighWaterMark: CHUNK_BYTES })
    this.#onBytes = onBytes
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length
    this.#onBytes?.(this.bytes)
    done(null, chunk)
  }
}

function closeConnection(client: pg.ClientBase): void {
  const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection
  stream.destroy()
}
