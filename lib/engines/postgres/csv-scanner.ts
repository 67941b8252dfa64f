import { AppError } from "#lib/domain/errors.ts"

/** A longer row is taken for a quote that was never closed: the server would hold all of it in memory, up to 1 GB. */
const MAX_ROW_BYTES = 16 * 1024 * 1024

const QUOTE = 0x22
const LF = 0x0a
const CR = 0x0d
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Follows a CSV file as it streams by, in constant memory, and sees what the server would tell too late or not at all: a
 * quote that is not closed and rows without end. Rows and quotes are told apart as Postgres' COPY does
 * (src/backend/commands/copyfromparse.c, CopyReadLineText): each double quote turns quoting on or off wherever it stands.
 */
export class CsvScanner {
  /** Rows seen so far, the header among them. */
  rows = 0
  readonly #file: string
  #line = 1
  #rowLine = 1
  #rowBytes = 0
  #isQuoted = false
  #quoteLine = 0
  #previous = 0

  /** `file` is for errors. */
  constructor(file: string) {
    this.#file = file
  }

  /**
   * Passes the file on without its byte order mark, which is not part of the first name.
   * @throws AppError `data.invalid_row` with the line.
   */
  async *follow(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let isFirst = true
    for await (const chunk of source) {
      const hasMark = isFirst && chunk.subarray(0, 3).equals(BYTE_ORDER_MARK)
      isFirst = false
      const bytes = hasMark ? chunk.subarray(3) : chunk
      this.#scan(bytes)
      if (bytes.length > 0) yield bytes
    }
    if (this.#isQuoted) {
      throw invalidRow(
        `${this.#file}:${this.#quoteLine}`,
        "a double quote is opened and not closed",
        "Close it, and double the quotes inside a quoted field.",
      )
    }
    if (this.#rowBytes > 0) this.rows++
  }

  #scan(chunk: Buffer): void {
    // Biased by where the row began, so that the loop has one counter.
    let rowStart = -this.#rowBytes
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!
      if (byte === QUOTE) {
        this.#isQuoted = !this.#isQuoted
        this.#quoteLine = this.#line
      } else if (byte === LF && this.#previous === CR) {
        // The second half of a line's end, whose row is counted already.
        if (!this.#isQuoted) rowStart = index + 1
      } else if (byte === LF || byte === CR) {
        this.#line++
        if (!this.#isQuoted) {
          this.rows++
          rowStart = index + 1
          this.#rowLine = this.#line
        }
      }
      this.#previous = byte
    }
    this.#rowBytes = chunk.length - rowStart
    if (this.#rowBytes > MAX_ROW_BYTES) {
      const limit = `${MAX_ROW_BYTES / 1_048_576} MB`
      const advice = "Look for a double quote that is not closed, or load such values another way."
      throw invalidRow(`${this.#file}:${this.#rowLine}`, `the row is longer than ${limit}`, advice)
    }
  }
}

/** A row that cannot be loaded, as people meet it: `sales.csv:3: what is wrong. What to do.` A retry cannot help. */
export function invalidRow(where: string, reason: string, advice: string, cause?: unknown): AppError {
  return new AppError("data.invalid_row", `${where}: ${reason}. ${advice}`, { kind: "data", where, cause })
}
